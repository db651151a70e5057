import type Srf from 'drachtio-srf';

/** drachtio-srf knows more of dialogs than its types say. */
type Leg = Srf.Dialog & { readonly connected?: boolean };

/** Whoever hangs up, the other leg is hung up too, also when that happened before there was anybody to tell. */
export function joinLegs({ uas, uac }: { uas: Leg; uac: Leg }): void {
  const hangUp = (leg: Leg) => leg.destroy({ headers: {} }, () => {});
  uas.on('destroy', () => hangUp(uac));
  uac.on('destroy', () => hangUp(uas));
  if (uas.connected === false) hangUp(uac);
  if (uac.connected === false) hangUp(uas);
}
