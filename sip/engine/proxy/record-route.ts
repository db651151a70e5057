import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { formatHostPort } from '../message/host-port.ts';
import type { SipRequest } from '../message/message.ts';
import { parseNameAddr, tagOf } from '../message/name-addr.ts';
import type { ListeningPoint } from '../transport/transport.ts';

const OWN_URI = /^sip:([0-9a-f]{32})@([^;?>]+)/;

/**
 * The Record-Route by which we stay in a dialog, and its recognition when it comes back as Route (RFC 3261 §16.4, §16.6).
 *
 *     sip:<HMAC of host, port, Call-ID and caller's tag>@<our host>:<port>[;transport=…];lr
 *
 * Only who was told the token in this very dialog can have us forward, so we are no open relay. An HMAC rather than a
 * table: dialogs whose BYE passes us by would stay in a table for ever. The key lives as long as the process.
 */
export class RecordRoute {
  readonly #key = randomBytes(32);

  /** Puts us into the dialog this request makes: twice where the two sides know us by different names (RFC 5658 §3). */
  add(request: SipRequest, from: ListeningPoint, to: ListeningPoint): void {
    const [towardsCaller, towardsCallee] = [this.#valueFor(from, request), this.#valueFor(to, request)];
    request.headers.prepend('Record-Route', towardsCaller);
    if (towardsCallee !== towardsCaller) request.headers.prepend('Record-Route', towardsCallee);
  }

  /**
   * A copy of a request of a dialog we stayed in, our own Routes taken off; undefined for any other. Where a strict router
   * has put our Route into the Request-URI, that is undone (RFC 3261 §16.4).
   */
  take(request: SipRequest): SipRequest | undefined {
    const isStrict = OWN_URI.test(request.uri);
    if ((!isStrict && !request.headers.has('Route')) || tagIn(request, 'To') === '') return undefined;
    const routes = request.headers.getAll('Route');
    const known = routes.length;
    const last = isStrict && this.#isOurs(request.uri, request) ? routes.pop() : undefined;
    while (routes[0] !== undefined && this.#isOurs(uriOf(routes[0]), request)) routes.shift();
    if (routes.length === known) return undefined;
    const headers = request.headers.clone();
    headers.remove('Route');
    for (const route of routes) headers.append('Route', route);
    return { ...request, uri: last === undefined ? request.uri : uriOf(last), headers };
  }

  #valueFor(point: ListeningPoint, request: SipRequest): string {
    const place = formatHostPort(point.advertisedAddress, point.advertisedPort);
    const token = this.#token(place, request, tagIn(request, 'From'));
    const transport = point.protocol === 'udp' ? '' : `;transport=${point.protocol}`;
    return `<sip:${token}@${place}${transport};lr>`;
  }

  #isOurs(uri: string, request: SipRequest): boolean {
    const [, token, place] = OWN_URI.exec(uri) ?? [];
    if (token === undefined || place === undefined) return false;
    const given = Buffer.from(token);
    // The caller's tag is in From or in To, depending on who speaks.
    return [tagIn(request, 'From'), tagIn(request, 'To')].some((tag) =>
      timingSafeEqual(given, Buffer.from(this.#token(place, request, tag))),
    );
  }

  #token(place: string, request: SipRequest, callerTag: string): string {
    const text = [place, request.headers.get('Call-ID'), callerTag].join('\n');
    return createHmac('sha256', this.#key).update(text).digest('hex').slice(0, 32);
  }
}

const tagIn = (request: SipRequest, name: 'From' | 'To'): string => tagOf(request.headers.get(name) ?? '') ?? '';

/** Empty for a value that cannot be read, which is then nobody's. */
function uriOf(route: string): string {
  try {
    return parseNameAddr(route).uri;
  } catch {
    return '';
  }
}
