import { Attempt } from '../attempt.ts';
import { hangUp } from '../buyer-leg.ts';
import { offer } from '../relay-in-dialog.ts';
import type { SipDialog } from '../srf.ts';
import type { ReferProgress } from './refer-progress.ts';
import type { Transferring } from './transferring.ts';

/** One transfer: the target is called, and if it answers takes the transferor's place; else all stays as it was. */
export class Transfer {
  readonly #transferring: Transferring;
  readonly #caller: SipDialog;
  readonly #progress: ReferProgress;
  #attempt: Attempt | undefined;
  #stopped = false;

  constructor(transferring: Transferring, caller: SipDialog, progress: ReferProgress) {
    this.#transferring = transferring;
    this.#caller = caller;
    this.#progress = progress;
  }

  /** The target's leg, which the caller talks to now; undefined when the transfer failed and the old call goes on. */
  async run(): Promise<SipDialog | undefined> {
    void this.#progress.report(100, 'Trying');
    const { sip, now, dial, ringTimeoutMs } = this.#transferring;
    const { shown, ...request } = dial;
    this.#transferring.began(shown);
    const sdp = talking(this.#caller.remote.sdp);
    const onProvisional = ({ status, reason }: { status: number; reason: string }) =>
      void this.#progress.report(status, reason);
    this.#attempt = new Attempt(sip, { ...request, sdp, ringTimeoutMs, now, onProvisional });
    const result = await this.#attempt.result;
    if (result.kind === 'failed') return this.#failed(result.sipStatus, result.reason);
    if (result.leg.kind === 'delayed') throw new Error('a transfer always makes an offer');
    return this.#join(result.leg.dialog);
  }

  /** The call is over: nobody is to be called any more. */
  stop(): void {
    this.#stopped = true;
    this.#attempt?.stop('cancelled');
  }

  async #join(target: SipDialog): Promise<SipDialog | undefined> {
    const answer = this.#stopped
      ? undefined
      : await offer(this.#caller, 'INVITE', target.remote.sdp).catch(() => undefined);
    if (this.#stopped || answer === undefined || answer.status >= 300) {
      void hangUp(target);
      return this.#failed(answer?.status ?? 487, 'the caller did not take the new session');
    }
    this.#transferring.answered();
    await Promise.race([this.#progress.report(200, 'OK'), patience()]);
    return target;
  }

  #failed(status: number, reason: string): undefined {
    this.#transferring.failed(status, reason);
    void this.#progress.report(status, reason === '' ? 'Failed' : reason);
    return undefined;
  }
}

/** A transferor may be slow to take the last NOTIFY, or gone: its BYE follows anyhow. */
const LAST_NOTIFY_MS = 2_000;
const patience = () => new Promise((resolve) => setTimeout(resolve, LAST_NOTIFY_MS).unref());

/** A caller put on hold before it is transferred is offered to the target as one who talks (RFC 3264 §8.4). */
function talking(sdp: string): string {
  return sdp.replaceAll(/^a=(?:sendonly|recvonly|inactive)(\r?)$/gm, 'a=sendrecv$1');
}
