import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

function request(method: string, protocol: 'UDP' | 'TCP', userAgent = 'PBX'): string {
  const lines = [
    `${method} sip:${NUMBER}@bridge SIP/2.0`,
    `Via: SIP/2.0/${protocol} h.invalid:5060;branch=z9hG4bK${method}${userAgent.length}`,
    ...['From: <sip:+12025550100@h.invalid>;tag=1', `To: <sip:${NUMBER}@bridge>`, `Call-ID: ${method}-${userAgent}`],
    ...[`CSeq: 1 ${method}`, 'Contact: <sip:x@h.invalid>', `User-Agent: ${userAgent}`, 'Content-Length: 0'],
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A socket of nobody we know; what it hears is kept. */
async function strangerTo(sip: string) {
  const [host = '', port = ''] = sip.split(':');
  const heard: string[] = [];
  const udp = createSocket('udp4').on('message', (bytes) => heard.push(bytes.toString()));
  udp.bind(0, '127.0.0.9');
  await once(udp, 'listening');
  const tcp = connect({ host, port: Number(port), localAddress: '127.0.0.9' });
  tcp.on('data', (bytes) => heard.push(bytes.toString())).on('error', () => {});
  await once(tcp, 'connect');
  onTestFinished(() => {
    udp.close();
    tcp.destroy();
  });
  return { heard, udp: (text: string) => udp.send(text, Number(port), host), tcp: (text: string) => tcp.write(text) };
}

/** A stateless proxy that sends every request back to where it came from; its port. */
async function reflectingProxy(bridgePort: number): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const { port } = socket.address();
  const via = `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bKproxy\r\n`;
  socket.on('message', (bytes) => {
    const text = bytes.toString();
    const reflected = text.startsWith('SIP/2.0')
      ? text.replace(/Via: .*\r\n/, '')
      : text.replace('\r\n', `\r\n${via}`).replace(`127.0.0.1:${port} SIP`, `127.0.0.1:${bridgePort} SIP`);
    socket.send(reflected, bridgePort, '127.0.0.1');
  });
  return port;
}

const accountWith = async (carriers: object[], buyers: Record<string, string[]> = {}) => ({
  ...testAccount({ buyers: { A: [`sip:a@127.0.0.1:${await freePort()}`], ...buyers } }),
  carriers,
});
const plain = { id: 'carrier', name: 'C', addresses: ['127.0.0.1'] };

describe('calls from unknown sources', () => {
  it('get no packet at all with SIP_UNKNOWN_SOURCES=silence, no row, and few lines in the log', async () => {
    await using bridge = await startBridge(await accountWith([plain]), { SIP_UNKNOWN_SOURCES: 'silence' });
    const stranger = await strangerTo(bridge.sip);
    for (let n = 0; n < 30; n += 1) {
      for (const method of ['INVITE', 'OPTIONS', 'REGISTER']) stranger.udp(request(method, 'UDP', `PBX ${n}`));
    }
    stranger.tcp(request('INVITE', 'TCP'));
    stranger.udp('not SIP at all');
    const lines = () => bridge.log.filter((line) => line['reason'] === 'unknown_source');
    await waitFor('the log line', () => lines().length >= 10);
    // Somebody known is answered meanwhile.
    await using caller = await startSipp('uac-invite-expect-480', {
      ...{ remote: bridge.sip, dialedNumber: '+18005550199', status: 404 },
    });
    await caller.exit;
    expect(stranger.heard).toEqual([]);
    expect(lines().length).toBeLessThan(20);
    expect(await bridge.calls()).toEqual([]);
  });

  it('get 403 otherwise, but for scanners, which get nothing', async () => {
    await using bridge = await startBridge(await accountWith([plain]));
    const stranger = await strangerTo(bridge.sip);
    stranger.udp(request('INVITE', 'UDP', 'friendly-scanner'));
    stranger.tcp(request('OPTIONS', 'TCP', 'sipcli/v1.8'));
    stranger.udp(request('INVITE', 'UDP'));
    await waitFor('the 403', () => stranger.heard.some((text) => text.startsWith('SIP/2.0 403')));
    await waitFor('the log line', () => bridge.log.filter((line) => line['reason'] === 'scanner').length === 2);
    expect(stranger.heard.join()).not.toMatch(/friendly-scanner|OPTIONS/);
    expect(await bridge.calls()).toEqual([]);
  });

  it('are asked for a login in spite of silence while a carrier may log in from anywhere; the log says so at the start', async () => {
    const roaming = { id: 'roaming', name: 'R', login: { username: 'alice', password: 'xyzzy' } };
    const strong = { id: 'strong', name: 'S', login: { username: 'bob', password: 'xyzzy', algorithm: 'SHA-256' } };
    const account = await accountWith([plain, roaming, strong]);
    await using bridge = await startBridge(account, { SIP_UNKNOWN_SOURCES: 'silence' });
    expect(bridge.log.some(({ msg }) => msg.includes('in spite of SIP_UNKNOWN_SOURCES=silence'))).toBe(true);
    const stranger = await strangerTo(bridge.sip);
    stranger.udp(request('INVITE', 'UDP'));
    const answer = await waitFor('the 401', () => stranger.heard.find((text) => text.startsWith('SIP/2.0 401')));
    expect(answer.match(/^WWW-Authenticate: Digest .*algorithm=(MD5|SHA-256)/gm)).toHaveLength(2);
  });
});

describe('a carrier with limits', () => {
  it('gets 503 with Retry-After above its concurrent calls, without a row', async () => {
    const port = await freePort();
    const limited = { ...plain, max_concurrent_calls: 1 };
    const account = { ...testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } }), carriers: [limited] };
    await using bridge = await startBridge(account);
    const toBridge = { remote: bridge.sip, dialedNumber: NUMBER };
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port, calls: 2 });
    await using first = await startSipp('uac-answered-hangs-up', { ...toBridge, set: { talk_ms: 1_500 } });
    await waitFor('the first call', () => buyer.messages('ACK')[0]);
    await using second = await startSipp('uac-invite-expect-480', { ...toBridge, status: 503 });
    await second.exit;
    expect(second.messages(503)[0]?.header('Retry-After')).toBe('5');
    expect(await bridge.calls()).toHaveLength(1);
    await waitFor('the log line', () => bridge.log.find((line) => line['reason'] === 'too_many_calls'));
    await first.exit;
    await waitFor('the first call to be over', async () => (await bridge.calls())[0]?.['end_time'] ?? undefined);
    await using third = await startSipp('uac-answered-hangs-up', toBridge);
    await Promise.all([third.exit, buyer.exit]);
  });
});

describe('a call that comes back to us', () => {
  it('by a proxy is refused 482 by the engine, before it makes a second call', async () => {
    const sipPort = await freePort();
    const proxy = await reflectingProxy(sipPort);
    const account = await accountWith([plain]);
    await using bridge = await startBridge(
      { ...account, buyers: [{ id: 'A', name: 'A', destinations: [`sip:${NUMBER}@127.0.0.1:${proxy}`] }] },
      { SIP_PORT: `${sipPort}` },
    );
    await using caller = await startSipp('uac-invite-expect-480', {
      ...{ remote: bridge.sip, dialedNumber: NUMBER, status: 482 },
    });
    await caller.exit;
    expect(await bridge.calls()).toHaveLength(1);
  });

  it('is not even possible by an address of ours in the account file', async () => {
    const sipPort = await freePort();
    const account = await accountWith([plain], { B: [`sip:b@127.0.0.1:${sipPort}`] });
    await expect(startBridge(account, { SIP_PORT: `${sipPort}` })).rejects.toThrow(
      /buyers\[1\]\.destinations\[0\]: sip:b@127\.0\.0\.1:\d+ is the address of this service itself/,
    );
  });
});

describe('a carrier on IPv6', () => {
  it('is known by its address', async () => {
    const port = await freePort();
    const account = {
      ...testAccount({ buyers: { A: [`sip:a@[::1]:${port}`] } }),
      carriers: [{ id: 'six', name: 'Six', addresses: ['::/126'] }],
    };
    await using bridge = await startBridge(account, { SIP_HOST: '::1' });
    const socket = createSocket('udp6');
    onTestFinished(() => void socket.close());
    const heard: string[] = [];
    socket.on('message', (bytes) => heard.push(bytes.toString()));
    socket.bind(0, '::1');
    await once(socket, 'listening');
    socket.send(request('INVITE', 'UDP'), Number(bridge.sip.split(':').at(-1)), '::1');
    await waitFor('the call', async () => (await bridge.calls()).length === 1);
    expect(heard[0]).toMatch(/^SIP\/2\.0 100/);
  });
});
