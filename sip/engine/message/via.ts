import { bareHost, formatHostPort, type HostPort, parseHostPort } from './host-port.ts';
import type { SipMessage } from './message.ts';
import { eachParam, formatParams, noParams, type Params } from './params.ts';
import { badHeader, ParseError } from './parse-error.ts';

/** One Via value (RFC 3261 §20.42, RFC 3581). Shared between callers: copy to change. */
export interface Via {
  /** Of SIP, as written; `2.0` when missing. A peer's answer to its own version needs it. */
  readonly version?: string | undefined;
  /** `UDP`, `TCP`, `TLS` …, upper-case. */
  readonly protocol: string;
  /** An IPv6 literal without its brackets. */
  readonly host: string;
  readonly port?: number | undefined;
  readonly branch?: string | undefined;
  readonly received?: string | undefined;
  /** True: asked for, not filled in. */
  readonly rport?: number | true | undefined;
  /** All others, e.g. `maddr`, `ttl`, `alias`. */
  readonly params: Params;
}

/** Throws ParseError `bad_header` for Via. */
export function parseVia(value: string): Via {
  const semicolon = value.indexOf(';');
  const sent = semicolon < 0 ? value : value.slice(0, semicolon);
  const via = readSent(sent);
  let rest: Map<string, string | undefined> | undefined;
  eachParam(value, semicolon, (name, text) => {
    if (name === 'branch') via.branch ??= text;
    else if (name === 'rport') via.rport ??= readRport(text);
    else if (name === 'received') via.received ??= text && bareHost(text);
    else {
      rest ??= new Map();
      rest.set(name, text);
    }
  });
  if (rest !== undefined) via.params = rest;
  return via;
}

export function formatVia(via: Via): string {
  let text = `SIP/${via.version ?? '2.0'}/${via.protocol} ${formatHostPort(via.host, via.port)}`;
  if (via.rport !== undefined) text += via.rport === true ? ';rport' : `;rport=${via.rport}`;
  if (via.received !== undefined) text += `;received=${via.received}`;
  if (via.branch !== undefined) text += `;branch=${via.branch}`;
  return text + formatParams(via.params);
}

/** The topmost Via, parsed once; throws ParseError when there is none, which a parsed message never lacks. */
export function topVia(message: SipMessage): Via {
  const via = message.headers.parsed('Via', parseVia);
  if (via === undefined) throw new ParseError({ code: 'missing_header', section: 'RFC 3261 §8.1.1.7', header: 'Via' });
  return via;
}

/** Writes the topmost Via. */
export function replaceTopVia(message: SipMessage, via: Via): void {
  message.headers.replaceParsed('Via', formatVia(via), via);
}

type Draft = { -readonly [Field in keyof Via]: Via[Field] };

function readSent(sent: string): Draft {
  // The spelling nearly all peers use, before the one with blanks (RFC 4475 §3.1.1.1).
  const udp = sent.startsWith('SIP/2.0/UDP ');
  const words = udp ? undefined : /^SIP\s*\/\s*(\d\.\d)\s*\/\s*([^\s/]+)\s+(\S.*)$/i.exec(sent.trim());
  if (words === null) throw badVia();
  const { host, port } = readSentBy(words === undefined ? sent.slice(12) : words[3]!);
  return {
    version: words === undefined || words[1] === '2.0' ? undefined : words[1],
    protocol: words === undefined ? 'UDP' : words[2]!.toUpperCase(),
    host,
    port,
    branch: undefined,
    received: undefined,
    rport: undefined,
    params: noParams,
  };
}

function readSentBy(text: string): HostPort {
  try {
    return parseHostPort(text);
  } catch (cause) {
    throw badVia(cause);
  }
}

function readRport(text: string | undefined): number | true {
  if (text === undefined || text === '') return true;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw badVia();
  return port;
}

function badVia(cause?: unknown): ParseError {
  return badHeader('Via', 'RFC 3261 §20.42', cause);
}
