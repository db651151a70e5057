/** Completed seconds between two instants, as the duration rules count them; null while either is unknown. */
export function wholeSeconds(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, Math.floor((to - from) / 1000));
}
