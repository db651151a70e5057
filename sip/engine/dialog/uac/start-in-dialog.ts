import type { SipRequest } from '../../message/message.ts';
import { newId } from '../../transaction/token.ts';
import type { Target } from '../../transport/transport.ts';
import type { Sent } from '../application.ts';
import { type Core, pointFor, sentBy } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { refuse } from '../refusal.ts';
import type { Routing } from '../route-set.ts';
import { continueSession, refreshesSession } from '../session-timer/agreement.ts';
import { acknowledge } from './acknowledge.ts';
import { addressedFork } from './addressed-fork.ts';
import { engineDraft } from './engine-draft.ts';
import { ignoreOutcome } from './hang-up.ts';
import { InviteUsage } from './invite-usage.ts';
import { NonInviteUsage } from './non-invite-usage.ts';

/** Sends a request of the application inside a dialog (RFC 3261 §12.2.1). */
export function startInDialog(core: Core, dialog: Dialog, draft: SipRequest): Sent | Promise<Sent> {
  if (draft.method === 'ACK') {
    if (dialog.unacknowledged !== undefined) core.lag.answered(dialog.owner, dialog.unacknowledged.toldAt);
    return acknowledge(core, dialog, draft);
  }
  const fork = addressedFork(dialog, draft);
  const send = () => withRoute(core, fork, (routing, target) => launch(core, fork, draft, routing, target));
  if (draft.method === 'BYE') return startBye(core, dialog, send);
  const mustWait = dialog.session?.isRefreshing === true && refreshesSession(draft.method);
  return mustWait ? afterRefresh(dialog, send) : send();
}

function startBye(core: Core, dialog: Dialog, send: () => Sent | Promise<Sent>): Sent | Promise<Sent> {
  dialog.ownInvite?.cancelQuietly();
  dialog.session?.stop();
  if (dialog.unacknowledged !== undefined) ignoreOutcome(acknowledge(core, dialog, engineDraft('ACK')));
  if (dialog.isEnded) refuse('unknownDialog');
  const waits = dialog.answers.length > 0 || dialog.provisionals?.isHolding === true;
  return dialog.role === 'uas' && waits ? afterAck(dialog, send) : send();
}

/** One INVITE at a time: the application's waits for the engine's own (RFC 3261 §14.1). */
const afterRefresh = (dialog: Dialog, send: () => Sent | Promise<Sent>): Promise<Sent> =>
  deferred(dialog, send, (go) => dialog.session?.afterRefresh(go));

/** The callee's BYE waits for the ACK to its 2xx, or until none can come (RFC 3261 §15). */
const afterAck = (dialog: Dialog, send: () => Sent | Promise<Sent>): Promise<Sent> =>
  deferred(dialog, send, (go) => {
    dialog.heldBye = go;
  });

/** Sends when the callback given to `defer` is called, which may be by a timer: nothing is thrown there. */
function deferred(dialog: Dialog, send: () => Sent | Promise<Sent>, defer: (go: () => void) => void): Promise<Sent> {
  return new Promise((resolve, reject) => {
    defer(() => {
      try {
        resolve(dialog.isEnded ? refuse('unknownDialog') : send());
      } catch (error) {
        reject(error);
      }
    });
  });
}

function launch(core: Core, dialog: Dialog, draft: SipRequest, routing: Routing, target: Target): Sent {
  const point = pointFor(core, target);
  const request = completeInDialogRequest(dialog, draft, routing, dialog.nextCseq(), point);
  continueSession(dialog, request);
  dialog.localContact = request.headers.get('Contact') ?? dialog.localContact;
  const id = newId();
  if (request.method === 'INVITE') {
    const usage = new InviteUsage(core, id, request, target, dialog);
    core.outgoing.set(id, usage);
    const tx = core.transactions.sendInvite(request, target, usage);
    usage.tx = tx;
    return sentBy(tx, id, dialog.id);
  }
  const usage = new NonInviteUsage(core, id, request, target, dialog.owner, dialog);
  core.outgoing.set(id, usage);
  return sentBy(core.transactions.send(request, target, usage), id, dialog.id);
}
