import type { SipLogin } from '../domain/carrier.ts';
import type { LoginAnswer, SentRequest } from './srf.ts';

/** What drachtio-srf 5.0.29 writes for the URI of a request inside a dialog; the engine puts the real one on the wire. */
const PLACEHOLDER = 'sip:placeholder';

/**
 * Login for an INVITE and all that follows in its dialog. drachtio-srf computes the digest over the URI it was given,
 * inside a dialog a placeholder; strict peers want the one on the wire (RFC 3261 §22.4), which the challenged request shows.
 */
export function inDialogLogin({ username, password }: SipLogin): LoginAnswer {
  return (req: SentRequest, _res, answer) => {
    const options = req._originalParams?.options;
    if (options?.uri === PLACEHOLDER && req.uri !== undefined) options.uri = req.uri;
    answer(null, username, password);
  };
}
