import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, hangsUp, isAnswered, isHungUp, PhoneRig } from '../support/phone-rig.ts';
import { waitFor } from '../support/wait-for.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

let rig: PhoneRig;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  rig = await PhoneRig.open({
    buyers: ['A'],
    campaignSettings: {
      webhooks: [
        {
          ...{ id: 'told', trigger: 'answered', method: 'POST', url: `${receiver.url}/hook?from=[caller_number]` },
          headers: { 'X-Caller': '[caller_number]', 'X-Product': '[product]' },
        },
        {
          ...{ id: 'tagged', trigger: 'tags_added', method: 'POST', url: `${receiver.url}/tags?product=[product]` },
          headers: { 'X-Product': '[product]' },
        },
      ],
    },
    settings: { DRAIN_SECONDS: '1' },
  });
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  await receiver?.stop();
});

const isUp = async () => (await fetch(`${rig.bridge.http}/readyz`)).status === 200;

describe('a caller who writes lines of its own', () => {
  it.each([
    ['in the display name', (port: number) => `"x%0d%0aX-Evil: 1" <sip:+12025550177@127.0.0.1:${port}>;tag=e1`],
    ['in the user part', (port: number) => `<sip:+12025550178%0d%0aX-Evil:%201@127.0.0.1:${port}>;tag=e2`],
    [
      'as terminal codes',
      (port: number) => `"\u001b[2J\u001b]0;owned\u0007" <sip:+12025550179@127.0.0.1:${port}>;tag=e3`,
    ],
  ])('%s adds none to the buyer’s INVITE, the log or the webhook', async (_, from) => {
    const call = rig.newCall();
    call.from = from(rig.carrier.port);
    call.sendInvite(undefined, { 'User-Agent': 'evil%0d%0a{"level":"fatal","msg":"forged"}' });
    const buyer = rig.buyer('A');
    const invite = await buyer.receive('INVITE');
    expect(invite.headers.get('X-Evil')).toBeUndefined();
    answers(buyer, invite);
    await isAnswered(call);
    await buyer.receive('ACK');
    const gone = isHungUp(buyer);
    await hangsUp(call);
    await gone;
    const uuid = invite.headers.get('X-PH-RetreaverUUID');
    const hook = await waitFor('the webhook', () => receiver.received.find(({ body }) => body.includes(uuid!)));
    expect(hook.headers['x-evil']).toBeUndefined();
    // Every line of the log is one JSON object of ours.
    for (const line of rig.bridge.output().trim().split('\n')) {
      expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
      expect([...line].filter((char) => char < ' ')).toEqual([]);
    }

    const key = invite.headers.get('X-PH-RetreaverKey');
    const product = encodeURIComponent('a\r\nX-Evil: 1');
    const reply = await fetch(`${rig.bridge.http}/calls/${uuid}/add_tags?key=${key}&product=${product}`);
    expect([200, 422]).toContain(reply.status);
    if (reply.status !== 200) return;
    const tagged = await waitFor('its webhook', () =>
      receiver.received.find(({ body, target }) => target.startsWith('/tags') && body.includes(uuid!)),
    );
    expect(tagged.headers['x-evil']).toBeUndefined();
  });
});

describe('HTTP', () => {
  it.each([
    '/../../etc/passwd',
    '/calls/../../../data/call-key.secret',
    '/calls/..%2f..%2fdata%2fcall-key.secret/set_value?key=x',
    '/%2e%2e/%2e%2e/data/bridge.sqlite',
    '/calls/%00/set_value?key=x',
    '/calls/%ff/set_value?key=x',
    '//etc/passwd',
    '/postbacks/..%2f..%2fdata',
    '/postback-instructions/%2e%2e%2f',
  ])('%s leads nowhere', async (path) => {
    const answer = await rawRequest(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toMatch(/root:|SQLite format/);
    expect(await isUp()).toBe(true);
  });

  it.each([
    ['a request line without end', `GET /${'a'.repeat(100_000)}`, /^HTTP\/1\.1 (431|400|414)|^$/],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\n${'X-A: b\r\n'.repeat(20_000)}\r\n`, /^HTTP\/1\.1 431|^$/],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      /^HTTP\/1\.1 400/,
    ],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /^HTTP\/1\.1 400/,
    ],
  ])('%s: refused, and the next one is served', async (_, request, expected) => {
    expect(await rawRequest(request)).toMatch(expected);
    expect(await isUp()).toBe(true);
  });

  it('hundreds of senders that trickle keep nobody out', async () => {
    const { port } = new URL(rig.bridge.http);
    const slow = Array.from({ length: 300 }, () => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('POST /calls/x HTTP/1.1\r\nHost: x\r\nX-A'));
      socket.on('error', () => undefined);
      return socket.resume();
    });
    const startedAt = performance.now();
    expect(await isUp()).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await waitFor('all of them to be dropped', () => slow.every((socket) => socket.destroyed || socket.readableEnded), {
      timeoutMs: 18_000,
      everyMs: 100,
    });
  }, 25_000);
});

describe('SIP over TCP', () => {
  it('hundreds that connect and trickle, or send what is far too long, keep no call out', async () => {
    const slow = Array.from({ length: 300 }, (_, index) => {
      const text = index % 2 === 0 ? 'INVITE sip:x SIP/2.0\r\nVia: ' : 'A'.repeat(70_000);
      const socket = connect(rig.sipPort, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined);
      return socket;
    });
    await waitFor(
      'the connections',
      () => slow.filter((each) => each.bytesWritten > 0 || each.destroyed).length === 300,
    );
    const call = rig.newCall();
    call.sendInvite();
    const buyer = rig.buyer('A');
    answers(buyer, await buyer.receive('INVITE'));
    await isAnswered(call);
    await buyer.receive('ACK');
    const gone = isHungUp(buyer);
    await hangsUp(call);
    await gone;
    for (const socket of slow) socket.destroy();
  });
});

/** What comes back before the connection is closed, or nothing comes any more. */
function rawRequest(text: string): Promise<string> {
  const { port } = new URL(rig.bridge.http);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setTimeout(3_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(answer));
  });
}
