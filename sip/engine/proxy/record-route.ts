import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { formatHostPort } from '../message/host-port.ts';
import type { SipRequest } from '../message/message.ts';
import { parseNameAddr, tagOf } from '../message/name-addr.ts';
import { parseSipUri } from '../message/uri.ts';
import type { ListeningPoint, Transport } from '../transport/transport.ts';

const TOKEN = /^[0-9a-f]{32}$/;
const STARTS_WITH_TOKEN = /^sips?:[0-9a-f]{32}@/i;

/**
 * The Record-Route by which we stay in a dialog, and its recognition when it comes back as Route (RFC 3261 §16.4, §16.6).
 *
 *     sip:<HMAC of Call-ID and caller's tag>@<our host>:<port>[;transport=…];lr
 *
 * Only who was told the token in this very dialog can have us forward, so we are no open relay. An HMAC rather than a
 * table: dialogs whose BYE passes us by would stay in a table for ever. The key lives as long as the process.
 */
export class RecordRoute {
  readonly #transport: Transport;
  readonly #key = randomBytes(32);

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Puts us into the dialog this request makes: twice where it changes transport, once for each side (RFC 5658 §3). */
  add(request: SipRequest, from: ListeningPoint, to: ListeningPoint): void {
    const token = this.#token(request.headers.get('Call-ID') ?? '', tagIn(request, 'From'));
    request.headers.prepend('Record-Route', valueFor(from, token));
    if (to !== from) request.headers.prepend('Record-Route', valueFor(to, token));
  }

  /**
   * A copy of a request of a dialog we stayed in, our own Routes taken off; undefined for any other. Where a strict router
   * has put our Route into the Request-URI, that is undone (RFC 3261 §16.4).
   */
  take(request: SipRequest): SipRequest | undefined {
    const isStrict = STARTS_WITH_TOKEN.test(request.uri);
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

  #isOurs(uri: string, request: SipRequest): boolean {
    const user = this.#userAtOurHost(uri);
    if (user === undefined) return false;
    const callId = request.headers.get('Call-ID') ?? '';
    const given = Buffer.from(user);
    // The caller's tag is in From or in To, depending on who speaks.
    return [tagIn(request, 'From'), tagIn(request, 'To')].some((tag) =>
      timingSafeEqual(given, Buffer.from(this.#token(callId, tag))),
    );
  }

  /** Of a URI that looks like one of ours. */
  #userAtOurHost(uri: string): string | undefined {
    if (!STARTS_WITH_TOKEN.test(uri)) return undefined;
    try {
      const { user = '', host, port = 5060 } = parseSipUri(uri);
      const isOurs = this.#transport.listeningPoints.some(
        (point) => point.advertisedAddress === host && point.advertisedPort === port,
      );
      return isOurs && TOKEN.test(user) ? user : undefined;
    } catch {
      return undefined;
    }
  }

  #token(callId: string, callerTag: string): string {
    return createHmac('sha256', this.#key).update(`${callId}\n${callerTag}`).digest('hex').slice(0, 32);
  }
}

function valueFor(point: ListeningPoint, token: string): string {
  const transport = point.protocol === 'udp' ? '' : `;transport=${point.protocol}`;
  return `<sip:${token}@${formatHostPort(point.advertisedAddress, point.advertisedPort)}${transport};lr>`;
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
