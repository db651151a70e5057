import type { SipRequest } from '../../message/message.ts';

/** True for a SIPS URI, alone or in angle brackets. */
const isSips = (text: string): boolean => /^sips:|<\s*sips:/i.test(text);

/** Our request wants a Contact with SIPS (RFC 3261 §8.1.1.8). */
export const sendsSecurely = (requestUri: string): boolean => isSips(requestUri);

/** So does our answer to the peer's (RFC 3261 §12.1.1). */
export function asksForSecurity({ uri, headers }: SipRequest): boolean {
  return isSips(uri) || isSips(headers.get('Record-Route') ?? headers.get('Contact') ?? '');
}
