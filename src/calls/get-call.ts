import { sql } from 'kysely';
import { findCall } from '../store/call-rows.ts';
import { routingOfCall } from '../store/routing-rows.ts';
import type { OperationContext } from '../store/store.ts';
import type {
  AttemptRow,
  CallRow,
  DeliveryRow,
  DeliveryTryRow,
  EventRow,
  LedgerRow,
  PostbackRow,
  RoutingRow,
  Tables,
  TagRow,
} from '../store/tables.ts';

/** A call with everything that belongs to it, oldest first. */
export interface CallRecord {
  readonly call: CallRow;
  /** Undefined if it was never routed. */
  readonly routing: RoutingRow | undefined;
  readonly attempts: readonly AttemptRow[];
  readonly tags: readonly TagRow[];
  readonly ledger: readonly LedgerRow[];
  readonly events: readonly EventRow[];
  readonly postbacks: readonly PostbackRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly tries: readonly DeliveryTryRow[];
}

/** One call with its history, or undefined. */
export async function getCall(
  context: OperationContext,
  { uuid }: { readonly uuid: string },
): Promise<CallRecord | undefined> {
  const call = await findCall(context, uuid);
  if (call === undefined) return undefined;
  return {
    call,
    routing: await routingOfCall(context, uuid),
    attempts: await rowsOf(context, uuid, 'attempts', ['seq']),
    tags: await rowsOf(context, uuid, 'tags', ['added_at', 'name', 'value']),
    ledger: await rowsOf(context, uuid, 'ledger', ['seq']),
    events: await rowsOf(context, uuid, 'events', ['at', 'id']),
    postbacks: await rowsOf(context, uuid, 'postbacks', ['at', 'id']),
    deliveries: await rowsOf(context, uuid, 'deliveries', ['created_at', 'event_id', 'webhook_id']),
    tries: await triesOf(context, uuid),
  };
}

type HistoryTable = 'attempts' | 'tags' | 'ledger' | 'events' | 'postbacks' | 'deliveries';

/** All these tables have `call_uuid`, which is all the query builder needs to know of them. */
async function rowsOf<Name extends HistoryTable>(
  { db }: OperationContext,
  uuid: string,
  table: Name,
  order: readonly (keyof Tables[Name] & string)[],
): Promise<Tables[Name][]> {
  const rows = await db
    .selectFrom(table as 'events')
    .selectAll()
    .where('call_uuid', '=', uuid)
    .orderBy(sql`${sql.join(order.map((column) => sql.ref(column)))}`)
    .execute();
  return rows as unknown as Tables[Name][];
}

function triesOf({ db }: OperationContext, uuid: string): Promise<DeliveryTryRow[]> {
  return db
    .selectFrom('delivery_tries')
    .innerJoin('deliveries', 'deliveries.id', 'delivery_tries.delivery_id')
    .selectAll('delivery_tries')
    .where('deliveries.call_uuid', '=', uuid)
    .orderBy('delivery_tries.at')
    .orderBy('delivery_tries.try_number')
    .execute();
}
