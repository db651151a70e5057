import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import type { TracedMessage } from '../support/sipp-trace.ts';
import { waitFor } from '../support/wait-for.ts';

async function lastCall(bridge: Bridge) {
  return waitFor('the call to be over', async () => (await bridge.calls()).find((call) => call['end_time'] !== null));
}

/** One call from the SIPp carrier that the buyer at this port takes. */
async function talk(bridge: Bridge, port: number, scenario = 'uas-ring-answer-expect-bye') {
  await using buyer = await startSipp(scenario, { port });
  await using caller = await startSipp('uac-answered-hangs-up', { remote: bridge.sip, dialedNumber: NUMBER });
  await Promise.all([caller.exit, buyer.exit]);
  return { invites: buyer.messages(), byes: buyer.messages('BYE'), all: buyer.trace() };
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** Checks the digest as a strict server does: over the Request-URI of the request itself (RFC 3261 §22.4). */
function expectLogin(request: TracedMessage | undefined, method: string, [user, password]: [string, string]): void {
  const text = request?.header('Authorization') ?? '';
  const field = (name: string) => new RegExp(`[ ,]${name}="?([^",]+)`).exec(text)?.[1] ?? '';
  const requestUri = request?.raw.split(' ')[1] ?? '';
  expect(field('uri')).toBe(requestUri);
  expect(field('username')).toBe(user);
  const ha1 = md5(`${user}:buyer:${password}`);
  const wanted = md5(
    [ha1, field('nonce'), field('nc'), field('cnonce'), field('qop'), md5(`${method}:${requestUri}`)].join(':'),
  );
  expect(field('response')).toBe(wanted);
}

describe('a number behind a gateway (semantics §2)', () => {
  it('is dialled in the gateway’s format, without uuid and key, with its caller id', async () => {
    const port = await freePort();
    const account = testAccount({
      buyers: { A: [] },
      buyerSettings: { A: { destinations: [{ number: '+15551234567', gateway: 'pstn' }] } },
    });
    const gateway = { id: 'pstn', name: 'PSTN', uri: `sip:127.0.0.1:${port}`, number_format: 'e164' };
    const gateways = [{ ...gateway, caller_id: '+12025550199', headers: { 'X-Campaign': '[campaign_id]' } }];
    await using bridge = await startBridge({ ...account, gateways });
    const { invites, all } = await talk(bridge, port);
    expect(invites[0]?.raw.split(' ')[1]).toBe(`sip:15551234567@127.0.0.1:${port}`);
    expect(invites[0]?.header('From')).toContain('sip:+12025550199@');
    expect(invites[0]?.header('X-Campaign')).toBe('auto');
    for (const message of all) expect(message.raw).not.toMatch(/x-ph-/i);
    expect(await lastCall(bridge)).toMatchObject({ buyer_id: 'A', destination: '+15551234567', outcome: 'completed' });
  });
});

describe('a buyer’s SIP address', () => {
  it('takes tokens in its user part and headers, and a login for INVITE and BYE over the real URI', async () => {
    const port = await freePort();
    const login: [string, string] = ['bridge', 's3cret-of-ours'];
    const destination = {
      uri: `sip:[caller_number]@127.0.0.1:${port}`,
      login: { username: login[0], password: login[1] },
      headers: { 'X-Channel': '[channel]; [dialed_number]' },
    };
    await using bridge = await startBridge(
      testAccount({ buyers: { A: [] }, buyerSettings: { A: { destinations: [destination] } } }),
    );
    const { invites, byes } = await talk(bridge, port, 'uas-challenge-answer-challenge-bye');
    expect(invites).toHaveLength(2);
    for (const invite of invites) {
      expect(invite.raw.split(' ')[1]).toBe(`sip:+12025550100@127.0.0.1:${port}`);
      expect(invite.header('X-Channel')).toBe(`radio; ${NUMBER}`);
      expect(invite.header('X-PH-RetreaverKey')).toMatch(/^[0-9a-f]{40}$/);
    }
    expectLogin(invites[1], 'INVITE', login);
    expect(byes).toHaveLength(2);
    expectLogin(byes[1], 'BYE', login);
    expect(JSON.stringify(bridge.log)).not.toContain(login[1]);
  });
});

/** Answers OPTIONS over UDP with a status that can be changed; what it was asked. */
async function optionsResponder() {
  const socket = createSocket('udp4');
  const responder = { port: 0, status: 503, asked: [] as string[], [Symbol.dispose]: () => void socket.close() };
  socket.on('message', (packet, peer) => {
    const text = packet.toString();
    if (!text.startsWith('OPTIONS ')) return;
    responder.asked.push(text);
    const echoed = text.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    const answer = [`SIP/2.0 ${responder.status} Answer`, ...echoed, 'Content-Length: 0', '', ''].join('\r\n');
    socket.send(answer.replace(/^(to:.*)$/im, '$1;tag=t'), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  responder.port = socket.address().port;
  return responder;
}

describe('a destination whose health is checked (semantics §6)', () => {
  it('is skipped while it does not serve, and dialled again when it does; the call says why', async () => {
    using dead = await optionsResponder();
    const port = await freePort();
    const destination = { uri: `sip:a@127.0.0.1:${dead.port}`, health_check_seconds: 5 };
    await using bridge = await startBridge(
      testAccount({
        buyers: { A: [], B: [`sip:b@127.0.0.1:${port}`] },
        buyerSettings: { A: { destinations: [destination] } },
      }),
    );
    const skips = async () => {
      const body = JSON.stringify({ dialed_number: NUMBER });
      const headers = { 'Content-Type': 'application/json' };
      const answer = await fetch(`${bridge.http}/api/v1/route`, { method: 'POST', headers, body });
      return JSON.stringify(((await answer.json()) as { skipped: unknown }).skipped);
    };
    await waitFor('A to be unhealthy', async () => (await skips()).includes('unhealthy') || undefined, {
      timeoutMs: 18_000,
      everyMs: 100,
    });
    await talk(bridge, port);
    expect(await lastCall(bridge)).toMatchObject({ buyer_id: 'B' });
    dead.status = 404;
    await waitFor('A to be healthy', async () => !(await skips()).includes('unhealthy') || undefined, {
      timeoutMs: 18_000,
      everyMs: 100,
    });
    for (const request of dead.asked) expect(request).not.toMatch(/x-ph-/i);
  }, 60_000);
});
