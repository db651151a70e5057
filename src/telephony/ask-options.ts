import { tokensIn } from '../domain/webhook-template.ts';
import type { SipApplication } from './srf.ts';

const ANSWER_LIMIT_MS = 5_000;

/** The final status a URI gives to OPTIONS (RFC 3261 §11), or undefined when none comes within five seconds. */
export function askOptions(sip: SipApplication, template: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(undefined), ANSWER_LIMIT_MS).unref();
    const settle = (status: number | undefined) => {
      clearTimeout(limit);
      resolve(status);
    };
    const headers = { Contact: '<sip:bridge@localhost>', 'Max-Forwards': '70', Accept: 'application/sdp' };
    sip.request({ uri: withoutTokens(template), method: 'OPTIONS', headers }, (error, request) => {
      if (error !== null || request === undefined) return settle(undefined);
      request.on('response', ({ status }) => {
        if (status >= 200) settle(status);
      });
    });
  });
}

/** There is no call to fill them from: the host alone is asked. */
function withoutTokens(uri: string): string {
  const at = uri.indexOf('@');
  return at !== -1 && tokensIn(uri.slice(0, at)).length > 0 ? uri.replace(/^(sips?:)[^@]*@/i, '$1') : uri;
}
