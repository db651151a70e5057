import type { SentRequest, SipApplication } from './srf.ts';

/** The same application, telling the Call-ID of each INVITE that is sent through it. */
export function watchingCallIds(sip: SipApplication, note: (callId: string) => void): SipApplication {
  const createUAC: SipApplication['createUAC'] = (options, progress, done) => {
    const cbRequest = (error: Error | null, request?: SentRequest) => {
      const callId = request?.get('call-id');
      if (callId !== undefined) note(callId);
      progress.cbRequest(error, request);
    };
    sip.createUAC(options, { ...progress, cbRequest }, done);
  };
  return Object.assign(Object.create(sip) as SipApplication, { createUAC });
}
