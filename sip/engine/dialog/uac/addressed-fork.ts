import type { SipRequest } from '../../message/message.ts';
import type { Dialog } from '../dialog.ts';
import { refuse } from '../refusal.ts';
import { rackOf } from '../reliable/rack.ts';

/**
 * Which of the early dialogs behind one id a request goes to: a PRACK to the peer whose response it names, anything else
 * to the one heard of last. Throws a Refusal while there is none.
 */
export function addressedFork(dialog: Dialog, draft: SipRequest): Dialog {
  if (draft.method === 'PRACK') return prackedFork(dialog, draft);
  if (dialog.isConfirmed) return dialog;
  if (dialog.role === 'uas') return isEarlyBye(dialog, draft) ? refuse('earlyBye') : dialog;
  const fork = dialog.forks?.latest ?? dialog;
  return fork.remoteTag === undefined ? refuse('unknownDialog') : fork;
}

function prackedFork(dialog: Dialog, prack: SipRequest): Dialog {
  const tag = dialog.received?.acknowledge(rackOf(prack)) ?? refuse('nothingToPrack');
  return tag === dialog.remoteTag ? dialog : (dialog.forks?.find(tag) ?? dialog);
}

/** A 2xx that waits for its PRACK counts as sent: the BYE will wait for its ACK. */
const isEarlyBye = (dialog: Dialog, { method }: SipRequest): boolean =>
  method === 'BYE' && dialog.provisionals?.isHolding !== true;
