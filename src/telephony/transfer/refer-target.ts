import type { TransferRule } from '../../domain/buyer.ts';

/** Where a REFER wants the caller to go (RFC 3515 §2.1). */
export interface ReferTarget {
  readonly kind: 'target';
  /** Put together anew: no password, no headers, no parameter but the transport. */
  readonly uri: string;
  /** The SIP address of the buyer's whose host this is; undefined for another host it may transfer to. */
  readonly own: string | undefined;
  /** For an attended transfer: the call that the new one takes the place of (RFC 3891). */
  readonly replaces: string | undefined;
}

export interface ReferRefusal {
  readonly kind: 'refusal';
  readonly status: number;
  readonly reason: string;
}

/** What a REFER is judged by. */
export interface ReferRules {
  readonly rule: TransferRule;
  /** `sip:` URIs of the buyer's own destinations; the first is the one that answered. */
  readonly ownUris: readonly string[];
  /** Our address as the buyer sees it: the Request-URI of its REFER. */
  readonly here: string;
}

interface SipUri {
  readonly scheme: string;
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly transport: string;
}

const SIP_URI =
  /^(sips?):(?:([\w.!~*'()&=+$,;/%-]+)@)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?((?:;[\w.!~*'()%+-]+(?:=[\w.!~*'()%+:[\]-]*)?)*)$/i;

/**
 * Only to hosts of the buyer's own destinations and those its rule names: a caller sent elsewhere would be toll fraud at our
 * cost. Our own address stands for the buyer's: who answered there dials the user part.
 */
export function referTarget(
  referTo: string | undefined,
  { rule, ownUris, here }: ReferRules,
): ReferTarget | ReferRefusal {
  const { address, headers } = partsOf(referTo ?? '');
  const uri = parseSipUri(address);
  if (uri === undefined) return refusal(400, 'Bad Refer-To');
  const replaces = replacesIn(headers);
  if (replaces === null) return refusal(400, 'Bad Replaces');
  if (!(replaces === undefined ? rule.blind : rule.attended)) return refusal(403, 'Transfer Not Allowed');
  if (isSamePlace(uri, parseSipUri(here))) return atBuyers(uri, ownUris[0], replaces);
  const own = ownUris.find((each) => parseSipUri(each, true)?.host === uri.host);
  if (own === undefined && !rule.hosts.some((host) => host.toLowerCase() === uri.host)) {
    return refusal(403, 'Transfer Target Not Allowed');
  }
  return { kind: 'target', uri: format(uri), own, replaces };
}

/** A name-addr or an addr-spec, and the headers behind its `?` (RFC 3261 §19.1.1). */
function partsOf(referTo: string): { address: string; headers: string } {
  const value = /^[^<]*<([^<>]*)>/.exec(referTo)?.[1] ?? referTo.split(';')[0] ?? '';
  const [address = '', headers = ''] = value.trim().split('?', 2);
  return { address, headers };
}

/** `withTokens`: the user part of a destination may be a template. */
function parseSipUri(text: string, withTokens = false): SipUri | undefined {
  const address = withTokens ? text.replace(/:[^@]*@/, ':') : text;
  const [, scheme = '', user = '', host = '', port = '', params = ''] = SIP_URI.exec(address) ?? [];
  if (host === '' || /;method=(?!invite)/i.test(params)) return undefined;
  const transport = /;transport=(udp|tcp|tls)(?:;|$)/i.exec(params)?.[1] ?? '';
  return { scheme: scheme.toLowerCase(), user, host: host.toLowerCase(), port, transport: transport.toLowerCase() };
}

function isSamePlace(one: SipUri, other: SipUri | undefined): boolean {
  return one.host === other?.host && portOf(one) === portOf(other);
}

/** RFC 3261 §19.1.2. */
const portOf = ({ scheme, port, transport }: SipUri): string =>
  port !== '' ? port : scheme === 'sips' || transport === 'tls' ? '5061' : '5060';

function atBuyers(uri: SipUri, own: string | undefined, replaces: string | undefined): ReferTarget | ReferRefusal {
  const at = own === undefined ? undefined : parseSipUri(own, true);
  if (own === undefined || at === undefined || uri.user === '') return refusal(403, 'Transfer Target Not Allowed');
  return { kind: 'target', uri: format({ ...at, user: uri.user }), own, replaces };
}

/** Undefined: none, the transfer is blind; null: one that no call can be told by. */
function replacesIn(headers: string): string | undefined | null {
  const value = headers
    .split('&')
    .map((each) => /^replaces=(.*)$/i.exec(each)?.[1])
    .find((each) => each !== undefined);
  if (value === undefined) return undefined;
  const decoded = percentDecoded(value);
  const isWhole = /^[\x21-\x7e]+$/.test(decoded) && /;to-tag=/i.test(decoded) && /;from-tag=/i.test(decoded);
  return isWhole ? decoded : null;
}

function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return '';
  }
}

function format({ scheme, user, host, port, transport }: SipUri): string {
  const at = user === '' ? host : `${user}@${host}`;
  return `${scheme}:${at}${port === '' ? '' : `:${port}`}${transport === '' ? '' : `;transport=${transport}`}`;
}

const refusal = (status: number, reason: string): ReferRefusal => ({ kind: 'refusal', status, reason });
