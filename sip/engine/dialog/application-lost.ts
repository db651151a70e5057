import { Alarm } from '../transaction/alarm.ts';
import { type Application, nobody } from './application.ts';
import type { Core } from './core.ts';
import type { Dialog } from './dialog.ts';
import { releaseSubscriptions } from './subscription/release-subscriptions.ts';
import { hangUp, ignoreOutcome } from './uac/hang-up.ts';
import { answerForAbsent } from './uas/incoming.ts';

/** Nobody is left, so the engine acts: 480 or 500 to callers, CANCEL of calls out, BYE in calls up, NOTIFY to subscribers. */
export function releaseAll(core: Core, application: Application): void {
  for (const incoming of [...core.incoming.values()]) {
    if (incoming.owner === application) answerForAbsent(core, incoming);
  }
  for (const outgoing of core.outgoing.values()) {
    if (outgoing.owner === application) outgoing.owner = nobody;
  }
  const up: Dialog[] = [];
  for (const dialog of [...core.dialogs]) {
    if (dialog.owner !== application) continue;
    dialog.owner = nobody;
    if (dialog.subscriptions !== undefined) releaseSubscriptions(core, dialog);
    else if (dialog.isConfirmed) up.push(dialog);
    else if (dialog.role === 'uac') dialog.ownInvite?.cancelQuietly();
    else dialog.peerInvite?.terminate();
  }
  if (up.length > 0) hangUpLater(core, up);
}

/** Calls that are up may have a while more: nobody can take them over, but people can finish talking. */
function hangUpLater(core: Core, dialogs: readonly Dialog[]): void {
  const { releaseAfterMs } = core.options;
  const release = () => {
    for (const dialog of dialogs) releaseDialog(core, dialog);
  };
  if (releaseAfterMs > 0) new Alarm(core.transactions.wheel, release).start(releaseAfterMs);
  else release();
}

/** The callee's BYE waits for the ACK to its 2xx (RFC 3261 §15); one of the application may be waiting already. */
function releaseDialog(core: Core, dialog: Dialog): void {
  if (dialog.isEnded) return;
  const send = () => {
    if (!dialog.isEnded) ignoreOutcome(hangUp(core, dialog));
  };
  if (dialog.role === 'uas' && dialog.answers.length > 0) dialog.heldBye ??= send;
  else send();
}
