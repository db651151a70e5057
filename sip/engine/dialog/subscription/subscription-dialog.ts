import type { SipRequest, SipResponse } from '../../message/message.ts';
import { giveUpMs } from '../../transaction/timer-settings.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Target } from '../../transport/transport.ts';
import type { Application } from '../application.ts';
import { type Core, endDialog, type IncomingRequest } from '../core.ts';
import { Dialog } from '../dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf } from '../dialog-id.ts';
import { eventOf, grantedSeconds } from './subscription-headers.ts';
import { Subscriptions } from './subscriptions.ts';

/** Our 2xx to a SUBSCRIBE, as the notifier: makes the dialog, or refreshes the subscription in it (RFC 6665 §4.2.1). */
export function acceptSubscription(core: Core, incoming: IncomingRequest, response: SipResponse): void {
  const { request, owner, flow, toTag } = incoming;
  const seconds = grantedSeconds(request.headers, response.headers);
  // Mandatory (RFC 6665 §4.2.1.1), and drachtio-srf applications leave it out.
  if (!response.headers.has('Expires')) response.headers.append('Expires', `${seconds}`);
  const localContact = response.headers.get('Contact') ?? '';
  const dialog =
    incoming.dialog ??
    openDialog(
      core,
      request,
      () => new Dialog({ role: 'uas', request, owner, peer: peerOf(flow), localContact }, toTag),
    );
  dialog?.subscriptions?.keep(eventOf(request.headers), seconds);
}

/** The peer's 2xx to our SUBSCRIBE outside a dialog, as the subscriber: makes the dialog (RFC 6665 §4.1.2.1). */
export function openSubscription(
  core: Core,
  request: SipRequest,
  response: SipResponse,
  from: Target,
  owner: Application,
): void {
  const localContact = request.headers.get('Contact') ?? '';
  const tag = fromTagOf(request.headers);
  const dialog = openDialog(
    core,
    request,
    () => new Dialog({ role: 'uac', request, owner, peer: from, localContact }, tag),
  );
  dialog?.learn(response, from);
  dialog?.subscriptions?.keep(eventOf(request.headers), grantedSeconds(request.headers, response.headers));
}

/** Undefined when there is one of that name: the SUBSCRIBE came twice, on two paths. */
function openDialog(core: Core, request: SipRequest, make: () => Dialog): Dialog | undefined {
  if (core.dialogs.has(dialogIdOf(callIdOf(request.headers), fromTagOf(request.headers)))) return undefined;
  const dialog = make();
  dialog.isConfirmed = true;
  const { wheel, timers } = core.transactions;
  dialog.subscriptions = new Subscriptions(wheel, giveUpMs(timers), () => endDialog(core, dialog));
  core.dialogs.add(dialog);
  return dialog;
}
