import { releaseLine } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** Whose lines the call needs no longer. */
export interface ReleaseBuyersInput {
  readonly callUuid: string;
  readonly buyerIds: readonly string[];
}

/** The buyer's turn is over and its legs are gone: the line is free for others. Asked again, it changes nothing. */
export async function releaseBuyers(
  context: OperationContext,
  { callUuid, buyerIds }: ReleaseBuyersInput,
): Promise<{ released: number }> {
  let released = 0;
  for (const buyerId of buyerIds) {
    if (await releaseLine(context, { buyer_id: buyerId, call_uuid: callUuid })) released += 1;
  }
  return { released };
}
