import { sql } from 'kysely';
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

/** A literal type: bound as a parameter, SQLite would plan the query anew each time because of the index of such events. */
const ended = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('events').selectAll().where('call_uuid', '=', value.uuid).where('type', '=', sql.lit('ended')),
);

/** The event `ended` of a call that is over. */
export function findEndedEvent(context: OperationContext, uuid: string): Promise<EventRow | undefined> {
  return ended.first(context, { uuid });
}
