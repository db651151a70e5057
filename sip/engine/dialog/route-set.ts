import type { Headers } from '../message/headers.ts';
import { parseNameAddr } from '../message/name-addr.ts';

/** As received for the UAS, reversed for the UAC (RFC 3261 §12.1.1, §12.1.2); hops nobody can read are left out. */
export function routeSetOf(headers: Headers, role: 'uac' | 'uas'): readonly string[] {
  const route = headers.getAll('Record-Route').filter(isReadable);
  return role === 'uac' ? route.reverse() : route;
}

function isReadable(hop: string): boolean {
  try {
    parseNameAddr(hop);
    return true;
  } catch {
    return false;
  }
}

/** Where a request of a dialog goes: its Request-URI, Route values and the URI of the next hop. */
export interface Routing {
  readonly requestUri: string;
  readonly route: readonly string[];
  readonly nextHop: string;
}

/** Loose routing, or strict when the first proxy does not know better (RFC 3261 §12.2.1.1). */
export function routeTo(remoteTarget: string, routeSet: readonly string[]): Routing {
  const first = routeSet[0];
  if (first === undefined) return { requestUri: remoteTarget, route: [], nextHop: remoteTarget };
  const proxy = parseNameAddr(first).uri;
  if (/;lr(?:[;=?]|$)/i.test(proxy)) return { requestUri: remoteTarget, route: routeSet, nextHop: proxy };
  return { requestUri: proxy, route: [...routeSet.slice(1), `<${remoteTarget}>`], nextHop: proxy };
}
