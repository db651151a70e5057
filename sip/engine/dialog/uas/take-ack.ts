import { cseqOf } from '../../message/cseq.ts';
import type { SipRequest } from '../../message/message.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Core } from '../core.ts';
import { noAnswers } from '../dialog.ts';

/** The ACK to a 2xx: the first one goes up, repeated and stray ones end here (RFC 3261 §13.3.1.4). */
export function takeAck(core: Core, ack: SipRequest, flow: Flow): void {
  const dialog = core.dialogs.findFor(ack);
  const { number } = cseqOf(ack);
  const answer = dialog?.answers.find(({ cseq }) => cseq === number);
  if (dialog === undefined || answer === undefined) return;
  answer.stop();
  dialog.answers = dialog.answers.length === 1 ? noAnswers : dialog.answers.filter((each) => each !== answer);
  if (dialog.provisionals?.isOpen === false) dialog.provisionals = undefined;
  dialog.owner.deliverRequest(ack, flow, { transactionId: answer.transactionId, dialogId: dialog.id });
  dialog.releaseHeldBye();
}
