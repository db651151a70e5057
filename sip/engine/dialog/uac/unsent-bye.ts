import { serialize } from '../../message/serialize.ts';
import { newId } from '../../transaction/token.ts';
import type { Sent } from '../application.ts';
import { type Core, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { engineDraft } from './engine-draft.ts';

/** The BYE an application is shown when its dialog is over without one: the peer knows of no dialog, or cannot be reached. */
export function unsentBye(core: Core, dialog: Dialog, why: string): Sent {
  const { peer, remoteTarget, id } = dialog;
  const routing = { requestUri: remoteTarget, route: [], nextHop: remoteTarget };
  const draft = engineDraft('BYE', why);
  const bye = completeInDialogRequest(dialog, draft, routing, dialog.nextCseq(), pointFor(core, peer));
  return { bytes: serialize(bye), via: peer, transactionId: newId(), dialogId: id };
}
