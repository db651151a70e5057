import type { Tap } from '../transport/transport.ts';
import { callIdOf } from './call-id-of.ts';
import { secretMasker } from './mask-secrets.ts';

/** A SIP message as it went over the wire, secrets masked. */
export interface CollectedMessage {
  /** Epoch ms. */
  readonly at: number;
  /** Grows by one with each message: their order within a millisecond. */
  readonly n: number;
  readonly direction: 'received' | 'sent';
  /** `udp/192.0.2.1:5060` */
  readonly peer: string;
  readonly sipCallId: string;
  readonly text: string;
}

const DELIVER_AFTER_MS = 200;
const DELIVER_AT = 200;
/** What is longer is cut: SDP of video calls may be, and nobody reads it all. */
const LONGEST_TEXT = 8_192;

/** Hands on every SIP message that has a Call-ID, a few hundred at a time. */
export class MessageCollector {
  readonly #mask: (text: string) => string;
  readonly #deliver: (messages: readonly CollectedMessage[]) => void;
  readonly #now: () => number;
  #waiting: CollectedMessage[] = [];
  #timer: NodeJS.Timeout | undefined;
  #n = 0;

  constructor(
    secretHeaders: readonly string[],
    deliver: (messages: readonly CollectedMessage[]) => void,
    now: () => number = Date.now,
  ) {
    this.#mask = secretMasker(secretHeaders);
    this.#deliver = deliver;
    this.#now = now;
  }

  readonly tap: Tap = (direction, bytes, { protocol, address, port }) => {
    const text = bytes.toString('utf8', 0, LONGEST_TEXT);
    const sipCallId = callIdOf(text);
    if (sipCallId === undefined) return;
    this.#n += 1;
    const peer = `${protocol}/${address}:${port}`;
    this.#waiting.push({ at: this.#now(), n: this.#n, direction, peer, sipCallId, text: this.#mask(text) });
    if (this.#waiting.length >= DELIVER_AT) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), DELIVER_AFTER_MS).unref();
  };

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#deliver(messages);
  }
}
