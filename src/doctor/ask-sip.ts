import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { resolveSrv } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hostOfUri } from '../domain/sip-address.ts';

const PATIENCE_MS = 3_000;
const RETRY_MS = 700;

export interface SipTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp' | 'tls';
}

/** Where a request for the URI goes (RFC 3263 §4): its parts, else what SRV says, else the default port. */
export async function sipTargetOf(uri: string): Promise<SipTarget> {
  const host = hostOfUri(uri);
  const transport = transportOf(uri);
  const written = /^sips?:(?:[^@]*@)?(?:\[[^\]]*\]|[^:;?>\s]*):(\d+)/i.exec(uri)?.[1];
  const port = transport === 'tls' ? 5061 : 5060;
  if (written !== undefined) return { host, port: Number(written), transport };
  if (isIP(host) !== 0) return { host, port, transport };
  const service = transport === 'tls' ? `_sips._tcp.${host}` : `_sip._${transport}.${host}`;
  const [first] = await resolveSrv(service).catch(() => []);
  return { host: first?.name ?? host, port: first?.port ?? port, transport };
}

function transportOf(uri: string): SipTarget['transport'] {
  const named = /;transport=(udp|tcp|tls)\b/i.exec(uri)?.[1]?.toLowerCase();
  if (/^sips:/i.test(uri) || named === 'tls') return 'tls';
  return named === 'tcp' ? 'tcp' : 'udp';
}

/**
 * Asks with OPTIONS over UDP, or connects: how it went, for a person to read. Rejects when nobody is there. Some peers answer
 * nobody they do not know, this socket among them.
 */
export async function askSip(target: SipTarget): Promise<string> {
  if (target.transport === 'udp') return askByUdp(target);
  await connected(target.transport === 'tls' ? tlsTo(target) : connect(target.port, target.host));
  return 'takes connections';
}

/** Resolves when the connection is there, TLS handshake included; it is closed again. */
export async function connected(socket: Socket, event = 'connect'): Promise<void> {
  try {
    await once(socket, 'encrypted' in socket ? 'secureConnect' : event, { signal: AbortSignal.timeout(PATIENCE_MS) });
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

function tlsTo({ host, port }: SipTarget): Socket {
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
}

/** RFC 3261 §11; sent again like any request over UDP, since one packet may be lost. */
async function askByUdp({ host, port }: SipTarget): Promise<string> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  const again = setInterval(() => socket.send(request, port, host, () => undefined), RETRY_MS);
  const request = optionsTo(host);
  try {
    const answer = once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    socket.send(request, port, host, (error) => error && socket.emit('error', error));
    const [message] = await answer;
    return `answers ${/^SIP\/2\.0 ([^\r\n]*)/.exec(String(message))?.[1] ?? 'something that is not SIP'}`;
  } finally {
    clearInterval(again);
    socket.close();
  }
}

function optionsTo(host: string): string {
  const named = isIPv6(host) ? `[${host}]` : host;
  const id = randomBytes(8).toString('hex');
  const lines = [
    `OPTIONS sip:${named} SIP/2.0`,
    `Via: SIP/2.0/UDP doctor.invalid;branch=z9hG4bK${id};rport`,
    'Max-Forwards: 70',
    `From: <sip:doctor@doctor.invalid>;tag=${id}`,
    `To: <sip:${named}>`,
    `Call-ID: ${id}`,
    'CSeq: 1 OPTIONS',
    'Contact: <sip:doctor@doctor.invalid>',
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
