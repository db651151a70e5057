import type { SipRequest, SipResponse } from '../../message/message.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import type { Target } from '../../transport/transport.ts';
import { nobody } from '../application.ts';
import type { Core } from '../core.ts';
import { Dialog } from '../dialog.ts';
import { fromTagOf, toTagOf } from '../dialog-id.ts';
import { MAX_FORKS } from './early-forks.ts';
import { hangUp, ignoreOutcome } from './hang-up.ts';
import type { SentAcks } from './sent-acks.ts';

/**
 * Another branch of a forked INVITE answered too, or one too late: it is acknowledged and hung up (RFC 3261 §13.2.2.4).
 * `request`: the INVITE, or the ACK to another answer, which has all of it that is needed.
 */
export function releaseFork(
  core: Core,
  acks: SentAcks,
  request: SipRequest,
  response: SipResponse,
  from: Target,
): void {
  if (acks.size >= MAX_FORKS) return;
  const tag = toTagOf(response.headers) ?? '';
  acks.expect(tag);
  const beginning = { role: 'uac', request, owner: nobody, peer: from, localContact: '' } as const;
  const fork = new Dialog(beginning, fromTagOf(request.headers));
  fork.learn(response, from);
  fork.unacknowledged = {
    request,
    isOffer: false,
    toldAt: core.transactions.wheel.now,
    acknowledged: (bytes, via) => acks.sent(tag, keep(bytes), via),
  };
  ignoreOutcome(hangUp(core, fork));
}
