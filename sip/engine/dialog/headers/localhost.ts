import { formatHostPort } from '../../message/host-port.ts';
import type { ListeningPoint } from '../../transport/transport.ts';

const LOCALHOST = /(sips?:(?:[^@<>"]*@)?)localhost(?::\d+)?(?=[;?>\s]|$)/i;

/** The headers in which an application may leave its own address to the engine. */
export const addressHeaders: ReadonlySet<string> = new Set(['From', 'To', 'Contact', 'P-Asserted-Identity']);

/** Host and port under which the peer reaches us. */
export const reachableAt = (point: ListeningPoint): string =>
  formatHostPort(point.advertisedAddress, point.advertisedPort);

/** `"A" <sip:a@localhost>` → `"A" <sip:a@192.0.2.1:5060>`; the URI gets its angle brackets if it had none. */
export function replaceLocalhost(value: string, point: ListeningPoint): string {
  if (!LOCALHOST.test(value)) return value;
  const replaced = value.replace(LOCALHOST, `$1${reachableAt(point)}`);
  if (replaced.includes('<')) return replaced;
  const semicolon = replaced.indexOf(';');
  return semicolon < 0 ? `<${replaced}>` : `<${replaced.slice(0, semicolon)}>${replaced.slice(semicolon)}`;
}

/** The application's Contact, with our address and transport where it left them to us; `isSecure`: see `secure.ts`. */
export function completeContact(value: string, point: ListeningPoint, isSecure: boolean): string {
  const contact = replaceLocalhost(value, point);
  if (contact === value) return value;
  if (isSecure) return contact.replace(/<sips?:/i, '<sips:');
  if (point.protocol === 'udp' || /<sips:|;transport=/i.test(contact)) return contact;
  return contact.replace(reachableAt(point), `$&;transport=${point.protocol}`);
}

/** Our own Contact when the application names none. */
export function defaultContact(point: ListeningPoint, isSecure: boolean): string {
  if (isSecure) return `<sips:${reachableAt(point)}>`;
  const transport = point.protocol === 'udp' ? '' : `;transport=${point.protocol}`;
  return `<sip:${reachableAt(point)}${transport}>`;
}
