import type { Core } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { hangUpAndTell } from '../uac/hang-up.ts';

/** The session is over though nobody has said so: BYE, and the application hears why (RFC 4028 §10). */
export function expireSession(core: Core, dialog: Dialog): void {
  if (dialog.isEnded) return;
  dialog.ownInvite?.cancelQuietly();
  hangUpAndTell(core, dialog, 'Session timer expired');
}
