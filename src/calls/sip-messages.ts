import { findCall } from '../store/call-rows.ts';
import { insertRow } from '../store/insert-row.ts';
import type { OperationContext } from '../store/store.ts';
import type { CallRow, SipMessageRow } from '../store/tables.ts';

/** Keeps messages of calls that are written down; a call that was refused has none. */
export async function keepSipMessages(
  context: OperationContext,
  { messages }: { readonly messages: readonly SipMessageRow[] },
): Promise<{ kept: number }> {
  const known = new Map<string, boolean>();
  let kept = 0;
  for (const message of messages) {
    const uuid = message.call_uuid;
    if (!known.has(uuid)) known.set(uuid, (await findCall(context, uuid)) !== undefined);
    if (known.get(uuid) !== true) continue;
    await insertRow(context, 'sip_messages', message);
    kept += 1;
  }
  return { kept };
}

/** Of one call, both legs, oldest first; undefined if there is no such call. */
export async function listSipMessages(
  context: OperationContext,
  { uuid }: { readonly uuid: string },
): Promise<{ call: CallRow; messages: SipMessageRow[] } | undefined> {
  const call = await findCall(context, uuid);
  if (call === undefined) return undefined;
  const all = context.db.selectFrom('sip_messages').selectAll().where('call_uuid', '=', uuid);
  return { call, messages: await all.orderBy('at').orderBy('n').execute() };
}

/** Removes at most `limit` messages that are older, the oldest first. */
export async function purgeSipMessages(
  { db }: OperationContext,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<{ purged: number }> {
  const old = await db
    .selectFrom('sip_messages')
    .select(['call_uuid', 'at', 'n'])
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
    .execute();
  for (const { call_uuid, at, n } of old) {
    await db
      .deleteFrom('sip_messages')
      .where('call_uuid', '=', call_uuid)
      .where('at', '=', at)
      .where('n', '=', n)
      .execute();
  }
  return { purged: old.length };
}
