import { sql } from 'kysely';
import { listStatement } from './list-statement.ts';
import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { HoldRow } from './tables.ts';

type Line = Pick<HoldRow, 'buyer_id' | 'call_uuid'>;

/** Only for a call that runs: a line of one that has ended would never be given back. */
const take = statement<Omit<HoldRow, 'connected'>>()((db, value) =>
  db
    .insertInto('holds')
    .columns(['buyer_id', 'call_uuid', 'node_id', 'held_at', 'connected'])
    .expression((from) =>
      from
        .selectFrom('calls')
        .select([
          value.buyer_id.as('buyer_id'),
          'uuid as call_uuid',
          value.node_id.as('node_id'),
          value.held_at.as('held_at'),
          sql.lit(0).as('connected'),
        ])
        .where('uuid', '=', value.call_uuid)
        .where('ended_at', 'is', null),
    )
    .onConflict((conflict) => conflict.doNothing()),
);

/** The call takes a line of the buyer; false if it has one already, or has ended. */
export async function takeLine(context: OperationContext, hold: Omit<HoldRow, 'connected'>): Promise<boolean> {
  return (await take.run(context, hold)) === 1;
}

const connect = statement<Line>()((db, value) =>
  db
    .updateTable('holds')
    .set({ connected: 1 })
    .where('buyer_id', '=', value.buyer_id)
    .where('call_uuid', '=', value.call_uuid),
);

/** The buyer has answered: the line is dialled no longer. */
export async function connectLine(context: OperationContext, line: Line): Promise<void> {
  await connect.run(context, line);
}

const release = statement<Line>()((db, value) =>
  db.deleteFrom('holds').where('buyer_id', '=', value.buyer_id).where('call_uuid', '=', value.call_uuid),
);

/** True if the call held a line of this buyer. */
export async function releaseLine(context: OperationContext, line: Line): Promise<boolean> {
  return (await release.run(context, line)) === 1;
}

const releaseAll = statement<{ callUuid: string }>()((db, value) =>
  db.deleteFrom('holds').where('call_uuid', '=', value.callUuid),
);

const ofCall = statement<{ callUuid: string }>()((db, value) =>
  db.selectFrom('holds').select('buyer_id').where('call_uuid', '=', value.callUuid),
);

/** Gives back all lines of a call but those of these buyers. */
export async function releaseLinesOfCall(
  context: OperationContext,
  { callUuid, except }: { readonly callUuid: string; readonly except: readonly string[] },
): Promise<void> {
  if (except.length === 0) {
    await releaseAll.run(context, { callUuid });
    return;
  }
  for (const { buyer_id } of await ofCall.all(context, { callUuid })) {
    if (!except.includes(buyer_id)) await releaseLine(context, { buyer_id, call_uuid: callUuid });
  }
}

const releaseOfNode = statement<{ nodeId: string }>()((db, value) =>
  db.deleteFrom('holds').where('node_id', '=', value.nodeId),
);

const releaseEvery = statement<object>()((db) => db.deleteFrom('holds'));

/** Gives back every line of a node that is dead, or of all. There are only as many rows as calls run: all are read. */
export async function releaseLinesOfNode(context: OperationContext, nodeId: string | undefined): Promise<void> {
  await (nodeId === undefined ? releaseEvery.run(context, {}) : releaseOfNode.run(context, { nodeId }));
}

const releaseEnded = statement<{ endedBefore: number }>()((db, value) =>
  db
    .deleteFrom('holds')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('calls')
          .select('uuid')
          .whereRef('uuid', '=', 'holds.call_uuid')
          .where('ended_at', '<', value.endedBefore),
      ),
    ),
);

/** Gives back the lines of calls that ended before that instant; answers how many. */
export function releaseLinesOfEnded(context: OperationContext, endedBefore: number): Promise<number> {
  return releaseEnded.run(context, { endedBefore });
}

/** How many lines of a buyer are in use. */
export interface LineCount {
  readonly buyer_id: string;
  readonly lines: number;
  /** Not answered yet. */
  readonly dialing: number;
}

const inUse = listStatement<{ exceptCall: string }>()((db, buyerIds, value) =>
  db
    .selectFrom('holds')
    .select(({ fn }) => ['buyer_id', fn.countAll<number>().as('lines'), sql<number>`sum(1 - connected)`.as('dialing')])
    .where('buyer_id', 'in', buyerIds)
    .where('call_uuid', '!=', value.exceptCall)
    .groupBy('buyer_id'),
);

/** Lines in use by other calls; buyers without any are left out. */
export function countLines(
  context: OperationContext,
  buyerIds: readonly string[],
  { exceptCall }: { readonly exceptCall: string },
): Promise<LineCount[]> {
  return inUse.all(context, buyerIds, { exceptCall });
}
