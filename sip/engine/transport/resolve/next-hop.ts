import { isIP } from 'node:net';
import { bareHost } from '../../message/host-port.ts';
import { parseSipUri, type SipUri } from '../../message/uri.ts';
import type { Protocol, Target } from '../transport.ts';

/** What a URI says about where to send, before any look-up (RFC 3263 §4). */
export interface NextHop {
  /** Name or address literal. */
  readonly host: string;
  readonly port: number | undefined;
  /** Undefined: the URI leaves the choice to us. */
  readonly protocol: Protocol | undefined;
}

/** Why a target cannot be had; the dialog layer answers 503 for DNS, the control layer refuses the others. */
export class ResolveError extends Error {
  readonly code: 'bad_target' | 'no_transport' | 'name_not_found';

  constructor(code: ResolveError['code'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'ResolveError';
    this.code = code;
  }
}

const protocols: Record<string, Protocol> = { udp: 'udp', tcp: 'tcp', tls: 'tls' };

/** What a target may be when the caller does not say what it listens on. */
export const allProtocols: readonly Protocol[] = ['udp', 'tcp', 'tls'];

/** Reads a SIP URI or a bare `host[:port]`. Throws ResolveError or ParseError. */
export function nextHopOf(text: string): NextHop {
  const trimmed = text.trim();
  const uri = parseSipUri(/^(sips?|tel):/i.test(trimmed) ? trimmed : `sip:${trimmed}`);
  if (uri.scheme === 'tel') throw new ResolveError('bad_target', 'a tel URI names no host');
  return { host: bareHost(uri.params.get('maddr') ?? uri.host), port: uri.port, protocol: protocolOf(uri) };
}

/** The target of a hop given as a literal, at once; undefined when a name has to be looked up. */
export function resolveLiteral(uri: string, listening = allProtocols): Target | undefined {
  const hop = nextHopOf(uri);
  if (isIP(hop.host) === 0) return undefined;
  return targetOf(hop.host, hop.port, candidateProtocols(hop, listening)[0]!);
}

/** `name` is the host of the URI when that is not the address. */
export function targetOf(address: string, port: number | undefined, protocol: Protocol, name?: string): Target {
  if (protocol !== 'tls') return { protocol, address, port: port ?? 5060 };
  const target = { protocol, address, port: port ?? 5061 };
  return name === undefined ? target : { ...target, serverName: name.toLowerCase() };
}

/** Protocols to try in order: the one asked for, else those we listen on, UDP first, TLS if nothing else (RFC 3263 §4.1). */
export function candidateProtocols(hop: NextHop, listening: readonly Protocol[]): Protocol[] {
  const order: Protocol[] = hop.protocol === undefined ? ['udp', 'tcp'] : [hop.protocol];
  const asked = order.filter((protocol) => listening.includes(protocol));
  const able = asked.length === 0 && hop.protocol === undefined ? listening.slice(0, 1) : asked;
  if (able.length === 0) throw new ResolveError('no_transport', `no listening point for ${order.join(' or ')}`);
  return [...able];
}

function protocolOf(uri: SipUri): Protocol | undefined {
  if (uri.scheme === 'sips') return 'tls';
  const asked = uri.params.get('transport');
  if (asked === undefined) return undefined;
  const protocol = protocols[asked.toLowerCase()];
  if (protocol === undefined) throw new ResolveError('no_transport', `transport ${asked} is not supported`);
  return protocol;
}
