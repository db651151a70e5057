import { type Application, nobody } from './application.ts';
import type { Core } from './core.ts';
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
    if (dialog.isConfirmed) ignoreOutcome(hangUp(core, dialog));
    else if (dialog.role === 'uac') dialog.ownInvite?.cancelQuietly();
    else dialog.peerInvite?.terminate();
  }
}
