import { TimeoutError } from 'got';
import { AddressRefused } from './url-guard.ts';

type NetworkError = Error & { readonly code?: string };

/** What an operator is told of codes that say little by themselves. */
const SENTENCES: readonly (readonly [code: RegExp, sentence: string])[] = [
  [/^ECONNREFUSED$/, 'nothing listens there'],
  [/^(ECONNRESET|EPIPE)$/, 'the endpoint broke the connection off'],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the name has no address'],
  [/^(EHOSTUNREACH|ENETUNREACH)$/, 'there is no way there'],
  [/^(EPROTO|ERR_SSL_.*)$/, 'the endpoint does not speak TLS as we do'],
  [
    /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*)$/,
    'its certificate is not to be trusted',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'its certificate is for another name'],
  [/^HPE_/, 'what it answers is not HTTP'],
  [/^ERR_HTTP_CONTENT_LENGTH_MISMATCH$/, 'its answer was cut short'],
];

/** Why a request failed, for the log of tries: a word, a sentence, and what the system said. */
export function failureReason(error: NetworkError, withinMs: number): string {
  const refused = [error, error.cause].find((each) => each instanceof AddressRefused);
  if (refused !== undefined) return `address_refused: ${refused.message}`;
  if (error instanceof TimeoutError && error.event !== 'request') return `timeout: ${error.message}`;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') {
    return `timeout: no complete answer within ${withinMs} ms`;
  }
  const code = error.code ?? 'network_error';
  const sentence = SENTENCES.find(([known]) => known.test(code))?.[1];
  return sentence === undefined ? `${code}: ${error.message}` : `${code}: ${sentence} (${error.message})`;
}

/** Trying again cannot help: the guard said no. */
export function isHopeless(error: Error): boolean {
  return [error, error.cause].some((each) => each instanceof AddressRefused);
}
