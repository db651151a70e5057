import { Alarm } from '../../transaction/alarm.ts';
import type { TimerWheel } from '../../transaction/timer-wheel.ts';

/** How long the session lives without a refresh, and whose task that is. */
export interface SessionAgreement {
  readonly seconds: number;
  readonly weRefresh: boolean;
}

const LONGEST_MARGIN_SECONDS = 32;

/** What happens when a session has to be refreshed, and when nobody did. */
export interface SessionEvents {
  refresh(): void;
  expire(): void;
}

/** The two deadlines of one session (RFC 4028 §10): half-way for the side that refreshes, shortly before the end for both. */
export class SessionTimer {
  agreement: SessionAgreement;
  /** What a refresh by re-INVITE offers again. */
  localSdp: Buffer = Buffer.alloc(0);
  /** The peer can be refreshed without an offer (RFC 4028 §7.4). */
  peerTakesUpdate = false;
  readonly #refreshAlarm: Alarm;
  readonly #expiryAlarm: Alarm;

  constructor(wheel: TimerWheel, agreement: SessionAgreement, events: SessionEvents) {
    this.agreement = agreement;
    this.#refreshAlarm = new Alarm(wheel, () => events.refresh());
    this.#expiryAlarm = new Alarm(wheel, () => events.expire());
  }

  /** From the 2xx that agreed on it. */
  start(agreement: SessionAgreement): void {
    const { seconds, weRefresh } = agreement;
    this.agreement = agreement;
    this.#expiryAlarm.start((seconds - Math.min(LONGEST_MARGIN_SECONDS, seconds / 3)) * 1_000);
    if (weRefresh) this.#refreshAlarm.start(seconds * 500);
    else this.#refreshAlarm.stop();
  }

  /** The last refresh did not work out. */
  refreshIn(delayMs: number): void {
    this.#refreshAlarm.start(delayMs);
  }

  stop(): void {
    this.#refreshAlarm.stop();
    this.#expiryAlarm.stop();
  }
}
