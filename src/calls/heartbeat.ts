import { keepAlive } from '../store/node-rows.ts';
import type { OperationContext } from '../store/store.ts';

/** A sign of life of this node, every few seconds: the end of the calls it leaves behind is estimated by it. */
export async function heartbeat(
  context: OperationContext,
  input: { readonly nodeId: string; readonly now: number },
): Promise<void> {
  await keepAlive(context, input);
}
