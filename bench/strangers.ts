import { Receiver } from '../sip/engine/transport/receive/receiver.ts';
import { type KnownSources, SourceGate } from '../sip/engine/transport/receive/source-gate.ts';
import { type Flow, noTrafficYet } from '../sip/engine/transport/transport.ts';

const PACKETS = 200_000;
const from: Flow = {
  ...{ protocol: 'udp', localAddress: '127.0.0.1', localPort: 5060 },
  ...{ remoteAddress: '192.0.2.9', remotePort: 5060 },
};

/** What one packet costs the engine's thread once the socket has handed it over, in microseconds. */
export interface StrangerCosts {
  readonly scanner: number;
  readonly ignored: number;
  /** From somebody known: read to the end, no more. */
  readonly parsed: number;
}

export function measureStrangers(): StrangerCosts {
  const others = { networks: ['10.0.0.0/8'], others: 'ignore' } as const;
  const ours = { networks: ['192.0.2.0/24'], others: 'ignore' } as const;
  return {
    scanner: microseconds(invite('friendly-scanner'), { ...others, others: 'answer' }),
    ignored: microseconds(invite('PBX'), others),
    parsed: microseconds(invite('PBX'), ours),
  };
}

/** The second of two runs: the first one is for the compiler. */
function microseconds(packet: Buffer, sources: KnownSources): number {
  const receiver = new Receiver({
    ...{ user: { onMessage: () => {} }, counters: noTrafficYet(), gate: new SourceGate(sources) },
    ...{ send: () => {}, log: () => {} },
  });
  let startedAt = 0;
  for (let run = 0; run < 2; run += 1) {
    startedAt = performance.now();
    for (let n = 0; n < PACKETS; n += 1) receiver.receive(packet, from);
  }
  return ((performance.now() - startedAt) / PACKETS) * 1_000;
}

function invite(userAgent: string): Buffer {
  const lines = [
    ...['INVITE sip:100@198.51.100.1 SIP/2.0', 'Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1;rport'],
    ...['Max-Forwards: 70', 'To: <sip:100@198.51.100.1>', 'From: "x"<sip:100@1.1.1.1>;tag=1'],
    ...[`User-Agent: ${userAgent}`, 'Call-ID: 1', 'Contact: <sip:100@192.0.2.9>', 'CSeq: 1 INVITE'],
    ...['Accept: application/sdp', 'Content-Length: 0'],
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}
