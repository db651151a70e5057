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
  /** The shortest interval the peer takes, from its 422. */
  peerMinSeconds = 0;
  /** The peer can be refreshed without an offer (RFC 4028 §7.4). */
  peerTakesUpdate = false;
  /** Requests of the application that wait for a refresh under way; undefined when there is none. */
  #waiting: (() => void)[] | undefined;
  #isStopped = false;
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
    this.#isStopped = false;
    this.#expiryAlarm.start((seconds - Math.min(LONGEST_MARGIN_SECONDS, seconds / 3)) * 1_000);
    if (weRefresh) this.#refreshAlarm.start(seconds * 500);
    else this.#refreshAlarm.stop();
  }

  /** The last refresh did not work out. */
  refreshIn(delayMs: number): void {
    if (!this.#isStopped) this.#refreshAlarm.start(delayMs);
  }

  get isRunning(): boolean {
    return !this.#isStopped;
  }

  get isRefreshing(): boolean {
    return this.#waiting !== undefined;
  }

  refreshStarted(): void {
    this.#waiting = [];
  }

  refreshEnded(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const go of waiting) go();
  }

  /** Calls `go` when the refresh under way has its final response. */
  afterRefresh(go: () => void): void {
    this.#waiting?.push(go);
  }

  stop(): void {
    this.#isStopped = true;
    this.#refreshAlarm.stop();
    this.#expiryAlarm.stop();
  }
}
