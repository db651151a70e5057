import type { Dialog } from './dialog.ts';

/** True while a session description we offered has no answer (RFC 3264 §4). */
export function hasOwnOffer(dialog: Dialog): boolean {
  return (
    dialog.ownInvite?.isOfferOpen === true || dialog.ownOffers > 0 || dialog.answers.some(({ isOffer }) => isOffer)
  );
}

/** True while the application owes the peer an answer; the 2xx to an INVITE without an offer is one. */
export function hasPeerOffer(dialog: Dialog): boolean {
  return dialog.peerInvite?.isOfferOpen === true || dialog.unacknowledged?.isOffer === true;
}
