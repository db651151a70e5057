import { releaseLinesOfEnded } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** A cancelled leg is given up after 64·T1, 32 s (RFC 3261 §9.1), and a late answer is waited for as long again. */
const LONGEST_LINGERING_MS = 300_000;

/** Lines still held long after the end of their call: nobody will give them back. Answers how many, which should be none. */
export async function releaseForgottenLines(
  context: OperationContext,
  { now }: { readonly now: number },
): Promise<{ released: number }> {
  return { released: await releaseLinesOfEnded(context, now - LONGEST_LINGERING_MS) };
}
