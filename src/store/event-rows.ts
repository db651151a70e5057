import { newUuid } from '../domain/ids.ts';
import { insertRow } from './insert-row.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { EventRow } from './tables.ts';

/** Adds what happened to a call's history. */
export async function addEvent(
  context: OperationContext,
  { call_uuid, type, at, data }: Pick<EventRow, 'call_uuid' | 'type' | 'at'> & { readonly data: object },
): Promise<EventRow> {
  const event: EventRow = { id: newUuid(at), call_uuid, type, at, data_json: JSON.stringify(data) };
  await insertRow(context, 'events', event);
  return event;
}

const ofType = statement<{ uuid: string; type: string }>()((db, value) =>
  db.selectFrom('events').selectAll().where('call_uuid', '=', value.uuid).where('type', '=', value.type),
);

/** The call's event of a type that happens once. */
export function findEvent(context: OperationContext, uuid: string, type: 'ended'): Promise<EventRow | undefined> {
  return ofType.first(context, { uuid, type });
}
