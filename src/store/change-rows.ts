import { newUuid } from '../domain/ids.ts';
import { insertRow } from './insert-row.ts';
import type { OperationContext } from './store.ts';

/** Who changes something, for the log of changes. */
export interface Actor {
  readonly name: string;
  /** Where the request came from; null for what comes by none. */
  readonly sourceAddress: string | null;
}

export interface NewChange {
  readonly actor: Actor;
  /** `POST /calls/…/corrections`, `account`. */
  readonly action: string;
  /** Plain data without secrets. */
  readonly detail: unknown;
  readonly now: number;
}

/** One more row in the log of changes; answers its id. */
export async function addChange(context: OperationContext, { actor, action, detail, now }: NewChange): Promise<string> {
  const id = newUuid(now);
  await insertRow(context, 'changes', {
    id,
    at: now,
    actor: actor.name,
    source_address: actor.sourceAddress,
    action,
    detail_json: JSON.stringify(detail),
    http_status: null,
  });
  return id;
}
