import type { Headers } from '../../message/headers.ts';
import type { SipMessage } from '../../message/message.ts';
import type { ListeningPoint } from '../../transport/transport.ts';
import { addressHeaders, replaceLocalhost } from './localhost.ts';

/** Ours to write, whatever the application copied from another leg. */
const neverFromApplication = new Set(['Via', 'Route', 'Record-Route', 'RSeq', 'Content-Length']);

/** Copies the application's headers except `handled` and those of the transaction. */
export function copyApplicationHeaders(
  from: Headers,
  into: Headers,
  handled: ReadonlySet<string>,
  point: ListeningPoint,
): void {
  from.forEach((name, value) => {
    if (handled.has(name) || neverFromApplication.has(name)) return;
    into.appendCanonical(name, addressHeaders.has(name) ? replaceLocalhost(value, point) : value);
  });
}

const SDP_START = Buffer.from('v=0');

/** SDP needs no telling; false when the body is something else and has no Content-Type. */
export function ensureContentType(draft: SipMessage, headers: Headers): boolean {
  if (draft.body.length === 0 || headers.has('Content-Type')) return true;
  if (!draft.body.subarray(0, SDP_START.length).equals(SDP_START)) return false;
  headers.append('Content-Type', 'application/sdp');
  return true;
}
