import { type Application, nobody } from './application.ts';
import type { Core } from './core.ts';
import type { Dialog } from './dialog.ts';
import { hangUp, ignoreOutcome } from './uac/hang-up.ts';
import { answerForAbsent } from './uas/incoming.ts';

/** Nobody is left to answer, so the engine does: 480 or 500 for callers, CANCEL for calls out, BYE for calls up. */
export function releaseAll(core: Core, application: Application): void {
  for (const incoming of [...core.incoming.values()]) {
    if (incoming.owner === application) answerForAbsent(core, incoming);
  }
  for (const outgoing of core.outgoing.values()) {
    if (outgoing.owner === application) outgoing.owner = nobody;
  }
  for (const dialog of [...core.dialogs]) {
    if (dialog.owner !== application) continue;
    dialog.owner = nobody;
    if (dialog.isConfirmed) release(core, dialog);
    else dialog.ownInvite?.cancelQuietly();
  }
}

/** The callee's BYE waits for the ACK to its 2xx here too (RFC 3261 §15). */
function release(core: Core, dialog: Dialog): void {
  const end = () => {
    if (!dialog.isEnded) ignoreOutcome(hangUp(core, dialog));
  };
  if (dialog.role === 'uas' && dialog.answers.length > 0) dialog.heldBye ??= end;
  else end();
}
