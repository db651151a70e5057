import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { RoutingRow } from './tables.ts';

const put = statement<RoutingRow>()((db, value) =>
  db
    .insertInto('routings')
    .values({ call_uuid: value.call_uuid, at: value.at, trace_json: value.trace_json })
    .onConflict((conflict) => conflict.column('call_uuid').doUpdateSet({ at: value.at, trace_json: value.trace_json })),
);

/** Keeps the newest trace of a call. */
export async function putRouting(context: OperationContext, row: RoutingRow): Promise<void> {
  await put.run(context, row);
}

const ofCall = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('routings').selectAll().where('call_uuid', '=', value.uuid),
);

/** The trace of a call, if it was routed. */
export function routingOfCall(context: OperationContext, uuid: string): Promise<RoutingRow | undefined> {
  return ofCall.first(context, { uuid });
}
