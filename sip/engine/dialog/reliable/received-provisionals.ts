import type { SipResponse } from '../../message/message.ts';
import type { Dialog } from '../dialog.ts';
import { toTagOf } from '../dialog-id.ts';
import { hasOptionTag } from '../headers/option-tags.ts';

interface Unacknowledged {
  readonly rseq: number;
  readonly dialog: Dialog;
}

/** The reliable provisional responses to one of our INVITEs, by branch of the call (RFC 3262 §4). */
export class ReceivedProvisionals {
  /** Last RSeq by To tag. */
  readonly #last = new Map<string, number>();
  readonly #unacknowledged: Unacknowledged[] = [];

  /**
   * Notes a 1xx; false when it came before, or before its turn, and must be ignored. `earlyDialog` makes the dialog with
   * the branch that sent it, in which its PRACK goes.
   */
  take(response: SipResponse, earlyDialog: () => Dialog): boolean {
    const rseq = rseqOf(response);
    if (rseq === undefined) return true;
    const tag = toTagOf(response.headers) ?? '';
    const last = this.#last.get(tag);
    if (last !== undefined && rseq !== last + 1) return false;
    this.#last.set(tag, rseq);
    this.#unacknowledged.push({ rseq, dialog: earlyDialog() });
    return true;
  }

  /** The early dialog in which the response with this RSeq came; a second branch may have used the same number. */
  acknowledge(rseq: number): Dialog | undefined {
    const at = this.#unacknowledged.findIndex((each) => each.rseq === rseq);
    return at < 0 ? undefined : this.#unacknowledged.splice(at, 1)[0]?.dialog;
  }
}

/** Undefined unless the response is to be acknowledged. */
function rseqOf({ headers }: SipResponse): number | undefined {
  const rseq = headers.get('RSeq') ?? '';
  return /^\d{1,10}$/.test(rseq) && hasOptionTag(headers, 'Require', '100rel') ? Number(rseq) : undefined;
}
