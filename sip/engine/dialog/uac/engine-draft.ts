import { Headers } from '../../message/headers.ts';
import type { SipRequest } from '../../message/message.ts';

const NO_BODY = Buffer.alloc(0);

/** Draft of an in-dialog request nobody asked the engine for; `why` becomes its Reason (RFC 3326). */
export function engineDraft(method: 'ACK' | 'BYE' | 'CANCEL', why?: string): SipRequest {
  const headers = new Headers();
  if (why !== undefined) headers.append('Reason', `SIP;cause=200;text="${why}"`);
  return { kind: 'request', method, uri: 'sip:placeholder', headers, body: NO_BODY };
}
