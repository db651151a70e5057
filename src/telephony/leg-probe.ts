import type { Logger } from '../log.ts';
import { offer } from './relay-in-dialog.ts';
import type { SipDialog } from './srf.ts';

export interface LegProbeOptions {
  /** From one probe to the next. */
  readonly everyMs: number;
  readonly log: Logger;
  /** Called once; nobody is at the other end any more. */
  readonly onDead: () => void;
}

/** What says that there is no such call any more (RFC 3261 §12.2.1.2); 408 is also what an unanswered request ends with. */
const NO_SUCH_CALL = 481;
const NO_ANSWER = 408;

/** True for a leg whose peer agreed to a session timer: the timer finds out when it is dead (RFC 4028). */
export function hasSessionTimer(dialog: SipDialog): boolean {
  return dialog.res.has('session-expires');
}

/**
 * Asks a leg now and then whether it is still there, by OPTIONS (RFC 3261 §11). Some peers leave OPTIONS unanswered, so
 * silence is not believed before a re-INVITE with the session there is, which nobody may ignore, has met with silence too.
 */
export class LegProbe {
  readonly #dialog: SipDialog;
  readonly #options: LegProbeOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(dialog: SipDialog, options: LegProbeOptions) {
    this.#dialog = dialog;
    this.#options = options;
    this.#schedule();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#probe(), this.#options.everyMs).unref();
  }

  async #probe(): Promise<void> {
    const isAlive = (await this.#answers('OPTIONS')) || (await this.#answers('INVITE'));
    if (this.#isStopped || !this.#dialog.connected) return;
    if (isAlive) return this.#schedule();
    this.#isStopped = true;
    this.#options.onDead();
  }

  /** A request that cannot be sent says nothing about the peer. */
  async #answers(method: 'OPTIONS' | 'INVITE'): Promise<boolean> {
    if (this.#isStopped || !this.#dialog.connected) return true;
    try {
      const { status } = await this.#ask(method);
      return status !== NO_SUCH_CALL && status !== NO_ANSWER;
    } catch (err) {
      this.#options.log.warn({ err, sipMethod: method }, 'leg cannot be probed');
      return true;
    }
  }

  #ask(method: 'OPTIONS' | 'INVITE') {
    if (method === 'OPTIONS') return this.#dialog.request({ method, body: '', headers: {} });
    return offer(this.#dialog, 'INVITE', this.#dialog.local.sdp);
  }
}
