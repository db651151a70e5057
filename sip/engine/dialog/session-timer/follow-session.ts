import { listOf } from '../../message/header-list.ts';
import type { SipMessage } from '../../message/message.ts';
import { keep } from '../../transaction/kept-bytes.ts';
import type { Core } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { expireSession } from './expire-session.ts';
import { refreshSession } from './refresh-session.ts';
import { type SessionAgreement, SessionTimer } from './session-timer.ts';

/**
 * (Re)starts, or ends, the session timer after a 2xx in either direction (RFC 4028 §7.2, §9). `peerMessage` is the peer's
 * part of the exchange, `localSdp` ours.
 */
export function followSession(
  core: Core,
  dialog: Dialog,
  agreement: SessionAgreement | undefined,
  peerMessage: SipMessage,
  localSdp: Buffer,
): void {
  if (dialog.isEnded) return;
  if (agreement === undefined) {
    dialog.session?.stop();
    dialog.session = undefined;
    return;
  }
  dialog.session ??= new SessionTimer(core.transactions.wheel, agreement, {
    refresh: () => refreshSession(core, dialog),
    expire: () => expireSession(core, dialog),
  });
  const { session } = dialog;
  if (localSdp.length > 0) session.localSdp = keep(localSdp);
  if (peerMessage.headers.has('Allow'))
    session.peerTakesUpdate = listOf(peerMessage.headers, 'Allow').includes('UPDATE');
  session.start(agreement);
}
