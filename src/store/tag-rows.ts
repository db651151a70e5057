import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { TagRow } from './tables.ts';

const ofCall = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('tags').selectAll().where('call_uuid', '=', value.uuid),
);

/** All tags of a call, from every source. */
export function tagsOfCall(context: OperationContext, uuid: string): Promise<TagRow[]> {
  return ofCall.all(context, { uuid });
}

const add = statement<TagRow>()((db, value) =>
  db
    .insertInto('tags')
    .values({
      call_uuid: value.call_uuid,
      name: value.name,
      value: value.value,
      source: value.source,
      added_at: value.added_at,
    })
    .onConflict((conflict) => conflict.doNothing()),
);

/** Adds a pair to the call's sets; false if it is there already. */
export async function addTag(context: OperationContext, tag: TagRow): Promise<boolean> {
  return (await add.run(context, tag)) === 1;
}
