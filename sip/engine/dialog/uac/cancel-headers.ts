import type { SipRequest } from '../../message/message.ts';

const addressesOfInvite = new Set(['P-Asserted-Identity', 'Contact', 'From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards']);
const neverCopied = new Set(['Via', 'Route', 'Record-Route', 'RSeq', 'Content-Length', 'Content-Type']);

/** Adds what the application says about its CANCEL, e.g. Reason; all that must equal the INVITE stays (RFC 3261 §9.1). */
export function completeCancel(cancel: SipRequest, draft: SipRequest): SipRequest {
  draft.headers.forEach((name, value) => {
    if (!addressesOfInvite.has(name) && !neverCopied.has(name)) cancel.headers.append(name, value);
  });
  return cancel;
}
