import type { SipRequest } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseSipUri } from '../message/uri.ts';

/** Where one copy of a request goes: its new Request-URI, and the URI that leads there. */
export interface Destination {
  readonly uri: string;
  readonly nextHop: string;
  /** Route values of the copy. */
  readonly route: readonly string[];
}

/**
 * A destination named by an application, or by a redirect. One without a user gets that of the request: `sip:gateway` is
 * where to, not whom.
 * DEVIATION (RFC 3261 §16.6): Routes of the caller are dropped; the application says where to, not who calls.
 */
export function destinationOf(uri: string, request: SipRequest): Destination {
  const [nextHop = uri] = uri.split('?', 1); // no headers in a Request-URI (RFC 3261 §19.1.1)
  return { uri: withUserOf(nextHop, request.uri), nextHop, route: [] };
}

/** The next hop in a dialog: the first Route, strict routers served too (RFC 3261 §16.6); undefined if unreadable. */
export function nextOnRoute(request: SipRequest): Destination | undefined {
  const routes = request.headers.getAll('Route');
  const [first] = routes;
  if (first === undefined) return { uri: request.uri, nextHop: request.uri, route: [] };
  try {
    const hop = parseNameAddr(first).uri;
    if (parseSipUri(hop).params.has('lr')) return { uri: request.uri, nextHop: hop, route: routes };
    return { uri: hop, nextHop: hop, route: [...routes.slice(1), `<${request.uri}>`] };
  } catch {
    return undefined;
  }
}

function withUserOf(uri: string, original: string): string {
  try {
    const { scheme, user } = parseSipUri(original);
    if (user === undefined || scheme === 'tel' || parseSipUri(uri).user !== undefined) return uri;
    return uri.replace(/^(sips?:)/i, (start) => `${start}${user}@`);
  } catch {
    return uri;
  }
}
