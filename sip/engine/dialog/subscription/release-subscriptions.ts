import { Headers } from '../../message/headers.ts';
import type { SipRequest } from '../../message/message.ts';
import { newId } from '../../transaction/token.ts';
import { nobody } from '../application.ts';
import { type Core, endDialog, pointFor } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { completeInDialogRequest } from '../headers/in-dialog-request.ts';
import { withRoute } from '../next-hop.ts';
import { NonInviteUsage } from '../uac/non-invite-usage.ts';

/**
 * Nobody is left to serve this dialog's subscriptions. Our subscribers are told that they may subscribe again elsewhere
 * (RFC 6665 §4.1.3 "deactivated"); who notifies us learns it by a 481 (RFC 6665 §4.1.3).
 */
export function releaseSubscriptions(core: Core, dialog: Dialog): void {
  const events = dialog.role === 'uas' ? (dialog.subscriptions?.events ?? []) : [];
  endDialog(core, dialog);
  for (const event of events) {
    const sent = withRoute(core, dialog, (routing, target) => {
      const point = pointFor(core, target);
      const notify = completeInDialogRequest(dialog, deactivated(event), routing, dialog.nextCseq(), point);
      core.transactions.send(notify, target, new NonInviteUsage(core, newId(), notify, target, nobody, undefined));
    });
    // No way to the subscriber any more: its subscription runs out.
    if (sent instanceof Promise) sent.catch(() => {});
  }
}

function deactivated(event: string): SipRequest {
  const headers = Headers.from([
    ['Event', event],
    ['Subscription-State', 'terminated;reason=deactivated'],
  ]);
  return { kind: 'request', method: 'NOTIFY', uri: 'sip:placeholder', headers, body: Buffer.alloc(0) };
}
