import type { SipRequest } from '../../message/message.ts';
import { leadsBack } from '../../transport/address/leads-back.ts';
import type { Target } from '../../transport/transport.ts';
import { type Core, pointFor } from '../core.ts';
import { completeNewRequest } from '../headers/new-request.ts';

/** Tries are bounded: each may take 64·T1 until it is given up. */
const MAX_TARGETS = 5;

const identity = ['From', 'Call-ID', 'CSeq'] as const;

/** The other addresses a name stands for, to be tried when the first cannot serve (RFC 3263 §4.3). */
export class Alternatives {
  readonly #core: Core;
  readonly #draft: SipRequest;
  readonly #targets: Target[];

  /** `targets`: best first, the one tried already left out. */
  constructor(core: Core, draft: SipRequest, targets: readonly Target[]) {
    this.#core = core;
    this.#draft = draft;
    this.#targets = targets.slice(0, MAX_TARGETS - 1);
  }

  /** The same request for the next address: it differs from `tried` in what depends on where it is sent from. */
  next(tried: SipRequest): { request: SipRequest; target: Target } | undefined {
    for (let target = this.#targets.shift(); target !== undefined; target = this.#targets.shift()) {
      const point = this.#core.transactions.transport.listeningPointFor(target);
      if (point === undefined || leadsBack(this.#core.transactions.transport, target)) continue;
      const headers = this.#draft.headers.clone();
      for (const name of identity) headers.set(name, tried.headers.get(name) ?? '');
      return { request: completeNewRequest({ ...this.#draft, headers }, pointFor(this.#core, target)), target };
    }
    return undefined;
  }
}
