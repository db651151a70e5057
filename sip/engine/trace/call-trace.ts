import type { Log } from '../transaction/log.ts';
import type { Tap } from '../transport/transport.ts';
import { callIdOf } from './call-id-of.ts';
import { secretMasker } from './mask-secrets.ts';

const MAX_CALLS = 1_000;

/**
 * Logs the SIP messages of the calls somebody asked about: every message in which `text` occurs (a number, a Call-ID, a
 * uuid), and from then on all that have the same Call-ID.
 */
export class CallTrace {
  readonly #text: Buffer;
  readonly #mask: (text: string) => string;
  readonly #log: Log;
  readonly #callIds = new Set<string>();

  constructor(text: string, secretHeaders: readonly string[], log: Log) {
    this.#text = Buffer.from(text);
    this.#mask = secretMasker(secretHeaders);
    this.#log = log;
  }

  readonly tap: Tap = (direction, bytes, { protocol, address, port }) => {
    const message = bytes.toString('utf8');
    const callId = callIdOf(message);
    if (callId === undefined || !this.#concerns(callId, bytes)) return;
    this.#log('info', 'sip message', {
      direction,
      peer: `${protocol}/${address}:${port}`,
      sipCallId: callId,
      message: this.#mask(message),
    });
  };

  #concerns(callId: string, bytes: Buffer): boolean {
    if (this.#callIds.has(callId)) return true;
    if (!bytes.includes(this.#text) || this.#callIds.size >= MAX_CALLS) return false;
    this.#callIds.add(callId);
    return true;
  }
}
