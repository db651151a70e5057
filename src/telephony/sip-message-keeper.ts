import type { keepSipMessages } from '../calls/sip-messages.ts';
import type { Logger } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { SipMessageRow } from '../store/tables.ts';

/** A SIP message as the engine hands it over, secrets masked. */
export interface SipMessage {
  readonly at: number;
  readonly n: number;
  readonly direction: 'received' | 'sent';
  readonly peer: string;
  readonly sipCallId: string;
  readonly text: string;
}

export interface SipMessageKeeperDeps {
  readonly store: Store<{ keepSipMessages: typeof keepSipMessages }>;
  readonly now: () => number;
  readonly log: Logger;
}

/** A call's messages may arrive before the call is known by its Call-ID; of strangers it never is. */
const PATIENCE_MS = 5_000;
const MOST_UNKNOWN = 5_000;
const MOST_CALL_IDS = 50_000;
/** The database is behind: messages are worth less than calls. */
const MOST_WAITING = 10_000;
const AT_ONCE = 100;
const COMPLAIN_EVERY_MS = 60_000;

/** Writes down the SIP messages of calls, and of nothing else; never in the way of a call. */
export class SipMessageKeeper {
  readonly #deps: SipMessageKeeperDeps;
  /** Call-ID → call, in the order in which they came. */
  readonly #calls = new Map<string, string>();
  #unknown: { readonly message: SipMessage; readonly until: number }[] = [];
  #waiting: SipMessageRow[] = [];
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();
  #lost = 0;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: SipMessageKeeperDeps) {
    this.#deps = deps;
  }

  /** From now on messages with this Call-ID are that call's. */
  belongs(sipCallId: string, callUuid: string): void {
    this.#calls.set(sipCallId, callUuid);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > MOST_CALL_IDS && oldest !== undefined) this.#calls.delete(oldest);
  }

  take(messages: readonly SipMessage[]): void {
    const now = this.#deps.now();
    const known = this.#unknown.filter(({ until }) => until > now);
    this.#unknown = [];
    for (const { message, until } of known) this.#sort(message, until);
    for (const message of messages) this.#sort(message, now + PATIENCE_MS);
    if (!this.#isWriting) this.#written = this.#write();
  }

  /** Resolves when what is known to be a call's is written. */
  async close(): Promise<void> {
    this.take([]);
    await this.#written;
  }

  #sort(message: SipMessage, until: number): void {
    const { at, n, direction, peer, sipCallId, text } = message;
    const uuid = this.#calls.get(sipCallId);
    if (uuid === undefined) {
      if (this.#unknown.length < MOST_UNKNOWN) this.#unknown.push({ message, until });
      return;
    }
    if (this.#waiting.length >= MOST_WAITING) this.#lost += 1;
    else this.#waiting.push({ call_uuid: uuid, at, n, direction, peer, sip_call_id: sipCallId, text });
  }

  async #write(): Promise<void> {
    const { store, log } = this.#deps;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const messages = this.#waiting.splice(0, AT_ONCE);
      await store.keepSipMessages({ messages }).catch((err: unknown) => {
        this.#lost += messages.length;
        log.debug({ err }, 'SIP messages not kept');
      });
    }
    this.#isWriting = false;
    this.#complain();
  }

  #complain(): void {
    const { log, now } = this.#deps;
    if (this.#lost === 0 || now() - this.#complainedAt < COMPLAIN_EVERY_MS) return;
    log.warn({ messages: this.#lost }, 'SIP messages were not kept: the database could not take them');
    this.#complainedAt = now();
    this.#lost = 0;
  }
}
