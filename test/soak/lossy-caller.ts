import type Srf from 'drachtio-srf';
import type { TimerSettings } from '../../sip/engine/transaction/timer-settings.ts';
import { type Progress, sleep } from './finding.ts';

export interface Outcomes {
  answered: number;
  refused: number;
  cancelled: number;
  /** No way through: 408, 480 and the like. */
  failed: number;
  unfinished: number;
}

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const progressEvery = 5_000;

/** Makes calls, some of which it cancels, and hangs up those that nobody else hangs up. */
export class LossyCaller {
  readonly #srf: Srf;
  readonly #uri: string;
  readonly #timers: TimerSettings;
  readonly #random: () => number;
  readonly #outcomes: Outcomes = { answered: 0, refused: 0, cancelled: 0, failed: 0, unfinished: 0 };

  constructor(srf: Srf, uri: string, timers: TimerSettings, random: () => number) {
    this.#srf = srf;
    this.#uri = uri;
    this.#timers = timers;
    this.#random = random;
  }

  /** Resolves once all calls have ended, or have had `patienceMs` to do so. */
  async dial(calls: number, perSecond: number, patienceMs: number, progress: Progress): Promise<Outcomes> {
    const ended: Promise<void>[] = [];
    const outcomes = this.#outcomes;
    const interval = setInterval(() => progress(`${ended.length} calls: ${JSON.stringify(outcomes)}`), progressEvery);
    for (let call = 0; call < calls; call += 1) {
      outcomes.unfinished += 1;
      ended.push(this.#call());
      await sleep(1_000 / perSecond);
    }
    await Promise.race([Promise.all(ended), sleep(patienceMs)]);
    clearInterval(interval);
    return outcomes;
  }

  async #call(): Promise<void> {
    const outcome = await this.#outcome();
    this.#outcomes.unfinished -= 1;
    this.#outcomes[outcome] += 1;
  }

  async #outcome(): Promise<Exclude<keyof Outcomes, 'unfinished'>> {
    try {
      const dialog = await this.#srf.createUAC(
        this.#uri,
        { localSdp: sdp },
        {
          // The types of drachtio-srf know another signature than its code.
          cbRequest: this.#maybeCancel as never,
        },
      );
      await this.#untilHungUp(dialog);
      return 'answered';
    } catch (error) {
      const { status } = error as { status?: number };
      if (status === 486) return 'refused';
      if (status === 487) return 'cancelled';
      if (status === undefined) throw error;
      return 'failed';
    }
  }

  readonly #maybeCancel = (_error: unknown, req: Srf.SrfRequest): void => {
    if (this.#random() < 0.15) setTimeout(() => req.cancel(() => {}), this.#random() * this.#timers.t1 * 6);
  };

  #untilHungUp(dialog: Srf.Dialog): Promise<void> {
    return new Promise((resolve) => {
      const hangUp = setTimeout(
        () => dialog.destroy({ headers: {} }, () => resolve()),
        this.#random() * this.#timers.t1 * 20,
      );
      dialog.on('destroy', () => {
        clearTimeout(hangUp);
        resolve();
      });
    });
  }
}
