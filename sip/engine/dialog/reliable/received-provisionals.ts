import { cseqOf } from '../../message/cseq.ts';
import type { SipResponse } from '../../message/message.ts';
import { hasOptionTag } from '../headers/option-tags.ts';
import type { Rack } from './rack.ts';

interface Received {
  /** Of the peer: each branch of a forked call counts for itself. */
  readonly tag: string;
  readonly rseq: number;
  readonly cseq: number;
  isPracked: boolean;
}

/** The reliable provisional responses to our INVITEs in one dialog, by branch of the call (RFC 3262 §4). */
export class ReceivedProvisionals {
  readonly #last = new Map<string, Received>();
  /** The application sends a PRACK for each, in order. */
  readonly #all: Received[] = [];

  /** Notes a reliable 1xx; false when it came before, or before its turn, and must be ignored. */
  take(response: SipResponse, rseq: number, tag: string): boolean {
    const received = { tag, rseq, cseq: cseqOf(response).number, isPracked: false };
    const last = this.#last.get(tag);
    if (last?.cseq === received.cseq && rseq !== last.rseq + 1) return false;
    this.#last.set(tag, received);
    this.#all.push(received);
    return true;
  }

  /** The tag of the branch a PRACK is for; when several used the same number, of the first that has had none. */
  acknowledge(rack: Rack | undefined): string | undefined {
    const named = this.#all.filter(({ rseq, cseq }) => rseq === rack?.rseq && cseq === rack.cseq);
    const received = named.find(({ isPracked }) => !isPracked) ?? named.at(-1);
    if (received !== undefined) received.isPracked = true;
    return received?.tag;
  }
}

/** Undefined unless the response is to be acknowledged. */
export function rseqOf({ headers }: SipResponse): number | undefined {
  const rseq = headers.get('RSeq') ?? '';
  return /^\d{1,10}$/.test(rseq) && hasOptionTag(headers, 'Require', '100rel') ? Number(rseq) : undefined;
}
