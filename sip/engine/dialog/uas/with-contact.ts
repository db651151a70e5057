import { formatHostPort } from '../../message/host-port.ts';
import type { SipRequest } from '../../message/message.ts';
import { parseNameAddr } from '../../message/name-addr.ts';
import type { Flow } from '../../transport/transport.ts';

/**
 * The INVITE as its application sees it: with a Contact in any case, where it came from if it has none that can be read.
 * drachtio-srf answers 200 before it looks and then has no dialog to hang up.
 */
export function withContact(invite: SipRequest, { protocol, remoteAddress, remotePort }: Flow): SipRequest {
  if (isReadable(invite.headers.get('Contact'))) return invite;
  const headers = invite.headers.clone();
  headers.remove('Contact');
  const transport = protocol === 'udp' ? '' : `;transport=${protocol}`;
  headers.append('Contact', `<sip:${formatHostPort(remoteAddress, remotePort)}${transport}>`);
  return { ...invite, headers };
}

function isReadable(contact: string | undefined): boolean {
  if (contact === undefined) return false;
  try {
    parseNameAddr(contact);
    return true;
  } catch {
    return false;
  }
}
