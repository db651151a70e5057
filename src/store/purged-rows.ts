import { lowestUuidAt } from '../domain/ids.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';

const byUuid = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('purged_calls').select('uuid').where('uuid', '=', value.uuid),
);

/** True for a call that existed and was removed by retention. */
export async function isPurged(context: OperationContext, uuid: string): Promise<boolean> {
  return (await byUuid.first(context, { uuid })) !== undefined;
}

const purgeable = statement<{ startedBefore: string; endedBefore: number; limit: number }>()((db, value) =>
  db
    .selectFrom('calls')
    .select('uuid')
    .where('uuid', '<', value.startedBefore)
    .where('ended_at', '<', value.endedBefore)
    .where('window_ends_at', 'is', null)
    .orderBy('uuid')
    .limit(value.limit),
);

/** Ended and decided calls, oldest first; their uuids sort by time, so that younger calls are not read. */
export async function findPurgeableCalls(
  context: OperationContext,
  { endedBefore, limit }: { readonly endedBefore: number; readonly limit: number },
): Promise<string[]> {
  const rows = await purgeable.all(context, { startedBefore: lowestUuidAt(endedBefore), endedBefore, limit });
  return rows.map(({ uuid }) => uuid);
}

/** Removes the call, its history and lines (which refer to it) and its deliveries with their tries. */
export async function removeCall({ db }: OperationContext, uuid: string): Promise<void> {
  await db.deleteFrom('deliveries').where('call_uuid', '=', uuid).execute();
  await db.deleteFrom('calls').where('uuid', '=', uuid).execute();
}
