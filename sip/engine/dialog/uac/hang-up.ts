import { newId } from '../../transaction/token.ts';
import { nobody, type Sent } from '../application.ts';
import { type Core, endDialog, pointFor, sentBy } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { acknowledge } from './acknowledge.ts';
import { engineDraft } from './engine-draft.ts';
import { NonInviteUsage } from './non-invite-usage.ts';
import { unsentBye } from './unsent-bye.ts';

/**
 * Ends a dialog by the engine's own BYE. Resolves to it as sent; its response interests nobody. Rejects, the dialog ended
 * all the same, when there is no way to the peer any more. Never throws: nobody is there to catch it.
 */
export async function hangUp(core: Core, dialog: Dialog, why?: string): Promise<Sent> {
  // Ended first: an ACK in a dialog whose INVITE was cancelled would bring a BYE of its own.
  endDialog(core, dialog);
  if (dialog.unacknowledged !== undefined) ignoreOutcome((async () => acknowledge(core, dialog, engineDraft('ACK')))());
  return withRoute(core, dialog, (routing, target) => {
    const point = pointFor(core, target);
    const bye = completeInDialogRequest(dialog, engineDraft('BYE', why), routing, dialog.nextCseq(), point);
    const id = newId();
    const tx = core.transactions.send(bye, target, new NonInviteUsage(core, id, bye, target, nobody, undefined));
    return sentBy(tx, id, dialog.id);
  });
}

/** As `hangUp`, and the dialog's application is told (drachtio: "unsolicited"), even if the BYE found no way. */
export function hangUpAndTell(core: Core, dialog: Dialog, why: string): void {
  const { owner } = dialog;
  hangUp(core, dialog, why)
    .then(
      (sent) => owner.deliverOwnRequest(sent),
      () => owner.deliverOwnRequest(unsentBye(core, dialog, why)),
    )
    .catch(ignore);
}

/** For what the engine sends by itself: there is nobody to report a failure to. */
export function ignoreOutcome(sent: Sent | Promise<Sent>): void {
  if (sent instanceof Promise) sent.catch(ignore);
}

const ignore = (): void => {};
