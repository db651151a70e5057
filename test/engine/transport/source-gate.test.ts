import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SourceGate } from '../../../sip/engine/transport/receive/source-gate.ts';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { waitFor } from '../../support/wait-for.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { connectTcpPeer, openLoopback, optionsRequest } from './peers.ts';

const carrier = '203.0.113.7';
const stranger = '192.0.2.99';

function request(change: { method?: string; to?: string; userAgent?: string; from?: string } = {}): Buffer {
  const { method = 'INVITE', to = '<sip:bob@127.0.0.1>', userAgent = 'PBX', from = '<sip:a@h>;tag=1' } = change;
  const lines = [
    ...[`${method} sip:bob@127.0.0.1 SIP/2.0`, 'Via: SIP/2.0/UDP h;branch=z9hG4bK1', `From: ${from}`, `To: ${to}`],
    ...['Call-ID: c', `CSeq: 1 ${method}`, `User-Agent: ${userAgent}`, 'Content-Length: 0'],
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

const response = Buffer.from('SIP/2.0 200 OK\r\nTo: <sip:b@h>\r\nUser-Agent: friendly-scanner\r\n\r\n');

describe('known sources', () => {
  const answering = () => new SourceGate({ networks: ['203.0.113.0/24', '2001:db8::/32'], others: 'answer' });
  const ignoring = () => new SourceGate({ networks: ['203.0.113.0/24', '2001:db8::/32'], others: 'ignore' });

  it.each([[carrier], ['2001:db8::1'], ['2001:DB8:0:0::1%eth0']])('pass from %s, whatever they say', (address) => {
    expect(ignoring().judge(request({ userAgent: 'friendly-scanner' }), address)).toBe('pass');
    expect(ignoring().ignores(address)).toBe(false);
  });

  it('are everybody when none are named', () => {
    const gate = new SourceGate(undefined);
    expect(gate.judge(request({ userAgent: 'friendly-scanner' }), stranger)).toBe('pass');
    expect(gate.ignores(stranger)).toBe(false);
  });

  it.each([
    ['friendly-scanner'],
    ['FRIENDLY-SCANNER'],
    ['sipcli/v1.8'],
    ['sundayddr'],
    ['VaxSIPUserAgent/3.1'],
    ['pplsip'],
    ['SIPVicious 0.3'],
    ['iWar'],
  ])('do not include scanners: %s', (userAgent) => {
    for (const method of ['INVITE', 'OPTIONS', 'REGISTER']) {
      expect(answering().judge(request({ method, userAgent }), stranger)).toBe('scanner');
    }
  });

  it.each([[{ from: '"sipvicious"<sip:100@1.1.1.1>;tag=1' }], [{ to: '"sipvicious"<sip:100@1.1.1.1>' }]])(
    'do not include scanners that call themselves a browser: %j',
    (change) => {
      expect(answering().judge(request(change), stranger)).toBe('scanner');
    },
  );

  it.each([['PBX'], ['Cisco-SIPGateway/IOS'], ['kamailio (5.8)'], ['FPBX-16(20.5)'], ['Small Map 3']])(
    'are not told by a word of no scanner: %s',
    (userAgent) => {
      expect(answering().judge(request({ userAgent }), stranger)).toBe('pass');
    },
  );

  it.each([
    ['a new request', request(), 'stranger'],
    ['OPTIONS', request({ method: 'OPTIONS' }), 'stranger'],
    ['BYE without a tag', request({ method: 'BYE' }), 'stranger'],
    ['a tag in the URI only', request({ to: '<sip:b@h;x=tag>' }), 'stranger'],
    ['a re-INVITE', request({ to: '<sip:b@h>;x=1;tag=2' }), 'pass'],
    ['a BYE, its To folded', request({ method: 'BYE', to: '<sip:b@h>\r\n ;tag = 2' }), 'pass'],
    ['an ACK', request({ method: 'ACK' }), 'pass'],
    ['a CANCEL', request({ method: 'CANCEL' }), 'pass'],
    ['a response', response, 'pass'],
    ['a short datagram', Buffer.from('\r\nx'), 'stranger'],
  ])('decide what strangers may send when they are ignored: %s', (_title, bytes, verdict) => {
    expect(ignoring().judge(bytes, stranger)).toBe(verdict);
  });

  it('include those we send something to, but for the scanners among them', () => {
    const gate = ignoring();
    gate.noteSent(stranger);
    expect(gate.judge(request(), stranger)).toBe('pass');
    expect(gate.judge(request({ userAgent: 'sipcli' }), stranger)).toBe('scanner');
  });

  it('can be others while it runs; a mistake leaves those that were', () => {
    const gate = ignoring();
    gate.know({ networks: [stranger], others: 'ignore' });
    expect([gate.ignores(stranger), gate.ignores(carrier)]).toEqual([false, true]);
    expect(() => gate.know({ networks: ['nowhere'], others: 'answer' })).toThrow('nowhere is no network');
    expect(gate.ignores(carrier)).toBe(true);
  });
});

/** A socket at another address of loopback. */
async function peerAt(address: string) {
  const socket = createSocket('udp4');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.bind(0, address);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { heard, send: (bytes: Buffer, port: number) => socket.send(bytes, port, '127.0.0.1') };
}

describe('an engine that ignores strangers', () => {
  const knownSources = { networks: ['127.0.0.1'], others: 'ignore' } as const;
  const openRig = async (options: Parameters<typeof BridgeRig.open>[0]) => {
    const rig = await BridgeRig.open(options);
    onTestFinished(() => rig.close());
    return rig;
  };

  it('sends nothing back, whatever comes: requests, CANCEL, forged dialogs, what nobody can read', async () => {
    const rig = await openRig({ knownSources });
    rig.srf.invite((_req, res) => res.send(403));
    const [quiet, known] = [await peerAt('127.0.0.2'), await peerAt('127.0.0.1')];
    const bad = Buffer.from(
      request()
        .toString()
        .replace(/Call-ID: c\r\n/, ''),
    );
    const packets = [
      ...['INVITE', 'OPTIONS', 'REGISTER', 'CANCEL', 'ACK', 'BYE', 'MESSAGE'].map((method) => request({ method })),
      ...['INVITE', 'BYE', 'UPDATE', 'NOTIFY', 'OPTIONS'].map((method) => request({ method, to: '<sip:b@h>;tag=x' })),
      ...[bad, Buffer.from(bad.toString().replace('127.0.0.1>', '127.0.0.1>;tag=x')), response],
    ];
    for (const packet of packets) quiet.send(packet, rig.port);
    await waitFor('the count', () => rig.engine.stats().transport.strangersDropped === 12);
    known.send(request(), rig.port);
    await waitFor('an answer to somebody we know', () => known.heard.some((text) => text.startsWith('SIP/2.0 403')));
    expect(quiet.heard).toEqual([]);
    expect(rig.engine.stats()).toMatchObject({ serverTransactions: 1 });
  });

  it('serves the dialogs it has, also from where nobody was expected', async () => {
    const rig = await openRig({ knownSources: { ...knownSources, networks: ['203.0.113.7'] } });
    const answered = rig.srf.createUAC(rig.bob.uri, { localSdp: rig.alice.sdp });
    const invite = await rig.bob.receive('INVITE');
    const answer = rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    const dialog = await answered;
    const ended = new Promise((resolve) => dialog.on('destroy', resolve));
    await rig.bob.receive('ACK');
    const other = await peerAt('127.0.0.2');
    const bye = (callId: string | undefined) =>
      Buffer.from(
        request({ method: 'BYE', to: invite.headers.get('From') ?? '', from: answer.headers.get('To') ?? '' })
          .toString()
          .replace('Call-ID: c', `Call-ID: ${callId}`),
      );
    other.send(bye('another'), rig.port);
    other.send(bye(invite.headers.get('Call-ID')), rig.port);
    await ended;
    await waitFor('the 200', () => other.heard.some((text) => text.startsWith('SIP/2.0 200')));
    expect(other.heard.join()).not.toContain('SIP/2.0 481');
  });

  it('may be told other sources while it runs', async () => {
    const rig = await openRig({ knownSources });
    rig.srf.invite((_req, res) => res.send(403));
    const peer = await peerAt('127.0.0.2');
    rig.engine.knowSources({ networks: ['127.0.0.2'], others: 'ignore' });
    peer.send(request(), rig.port);
    await waitFor('the answer', () => peer.heard.some((text) => text.startsWith('SIP/2.0 403')));
  });
});

describe('a scanner', () => {
  const scan = (method: string, to: Target) => {
    const text = optionsRequest({ via: `SIP/2.0/${to.protocol.toUpperCase()} h:5099;branch=z9hG4bK1` }).toString();
    return text.replace('Call-ID', 'User-Agent: friendly-scanner\r\nCall-ID').replaceAll('OPTIONS', method);
  };

  it('gets nothing and is counted, over UDP and TCP; a log line says so', async () => {
    const server = await openLoopback(['udp', 'tcp'], { knownSources: { networks: ['10.0.0.0/8'], others: 'answer' } });
    const udp = await peerAt('127.0.0.2');
    udp.send(Buffer.from(scan('OPTIONS', server.target('udp'))), server.target('udp').port);
    const tcp = await connectTcpPeer(server.target('tcp'));
    tcp.socket.write(scan('OPTIONS', server.target('tcp')));
    await waitFor('both', () => server.transport.counters.scannersDropped === 2);
    expect([...udp.heard, tcp.heard(), ...server.received]).toEqual(['']);
    expect(server.logged[0]).toMatchObject({ message: 'request dropped unread', fields: { reason: 'scanner' } });
  });

  it('costs little: thousands of its packets are dropped in the time of a blink', () => {
    const gate = new SourceGate({ networks: ['10.0.0.0/8'], others: 'answer' });
    const packet = request({ userAgent: 'friendly-scanner' });
    const startedAt = performance.now();
    for (let n = 0; n < 20_000; n += 1) gate.judge(packet, `192.0.2.${n % 250}`);
    const microseconds = ((performance.now() - startedAt) / 20_000) * 1_000;
    expect(microseconds).toBeLessThan(50);
  });
});
