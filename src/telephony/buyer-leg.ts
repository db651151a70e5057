import type { DelayedOffer, SipDialog, UacResult } from './srf.ts';

/** The buyer's side after its 2xx; `delayed` until the caller's ACK has brought the answer (RFC 3261 §13.2.1). */
export type BuyerLeg =
  | { readonly kind: 'dialog'; readonly dialog: SipDialog }
  | { readonly kind: 'delayed'; readonly offer: DelayedOffer };

/** The session description a buyer's 2xx brought: its answer, or the offer of a delayed one. */
export function sdpOf(leg: BuyerLeg): string {
  return leg.kind === 'dialog' ? leg.dialog.remote.sdp : leg.offer.sdp;
}

/** Ends a leg whose caller is gone: ACK where still owed, then BYE. Resolves when it is through, never rejects. */
export function releaseBuyer(leg: BuyerLeg, headers: Record<string, string> = {}): Promise<void> {
  // nobody left to tell of a failure; the engine has its own BYE for a dead leg
  if (leg.kind === 'delayed') return leg.offer.destroy().catch(() => undefined);
  return hangUp(leg.dialog, headers);
}

/** BYE, unless the other side was faster. Resolves when it is answered or has timed out, never rejects. */
export function hangUp(dialog: SipDialog, headers: Record<string, string> = {}): Promise<void> {
  dialog.queueRequests = false;
  if (!dialog.connected) return Promise.resolve();
  return new Promise((resolve) => dialog.destroy({ headers }, () => resolve()));
}

export function isDialog(result: UacResult): result is SipDialog {
  return 'queueRequests' in result;
}
