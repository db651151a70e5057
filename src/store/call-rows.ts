import { sql } from 'kysely';
import { type Statement, statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { CallRow } from './tables.ts';

const byUuid = statement<{ uuid: string }>()((db, value) =>
  db.selectFrom('calls').selectAll().where('uuid', '=', value.uuid),
);

/** The call's row as this transaction sees it. */
export function findCall(context: OperationContext, uuid: string): Promise<CallRow | undefined> {
  return byUuid.first(context, { uuid });
}

const withWindowOver = statement<{ now: number; limit: number }>()((db, value) =>
  db
    .selectFrom('calls')
    .selectAll()
    .where('window_ends_at', '<=', value.now)
    .orderBy('window_ends_at')
    .limit(value.limit),
);

/** Calls whose window has ended, oldest first; only these are read, by index. */
export function findCallsWithWindowOver(
  context: OperationContext,
  input: { readonly now: number; readonly limit: number },
): Promise<CallRow[]> {
  return withWindowOver.all(context, input);
}

const running = statement<{ nodeId: string }>()((db, value) =>
  db.selectFrom('calls').selectAll().where('node_id', '=', value.nodeId).where('ended_at', 'is', null).orderBy('uuid'),
);

const runningAnywhere = statement<object>()((db) =>
  db.selectFrom('calls').selectAll().where('ended_at', 'is', null).orderBy('uuid'),
);

/** Calls that have not ended, of one node or of all, by index. */
export function findRunningCalls(context: OperationContext, nodeId: string | undefined): Promise<CallRow[]> {
  return nodeId === undefined ? runningAnywhere.all(context, {}) : running.all(context, { nodeId });
}

/** Whose earlier conversion is looked for. */
interface CallerAndGroup {
  readonly campaignId: string;
  readonly groupId: string;
  readonly callerNumber: string;
  readonly after: number;
  readonly otherThan: string;
}

/** The literal 0 lets the database use the index of calls with a ledger; a call may have one for a dispute alone. */
const convertedBefore = statement<CallerAndGroup>()((db, value) =>
  db
    .selectFrom('calls')
    .select('uuid')
    .where('ledger_seq', '>', sql.lit(0))
    .where('campaign_id', '=', value.campaignId)
    .where('group_id', '=', value.groupId)
    .where('caller_number', '=', value.callerNumber)
    .where('decided_at', '>', value.after)
    .where('state', '=', sql.lit('converted'))
    .where('uuid', '!=', value.otherThan)
    .limit(1),
);

/** True if another call of this caller converted in this group after that instant. */
export async function hasConverted(context: OperationContext, input: CallerAndGroup): Promise<boolean> {
  return (await convertedBefore.first(context, input)) !== undefined;
}

type CallChanges = Partial<Omit<CallRow, 'uuid'>>;

const changeStatements = new Map<string, Statement<Record<string, unknown>, unknown>>();

/**
 * Compare-and-set: changes the row only if neither its state nor its money moved since it was read. Answers the row as it
 * is now, or undefined if somebody else was faster.
 */
export async function changeCall(
  context: OperationContext,
  call: CallRow,
  changes: CallChanges,
): Promise<CallRow | undefined> {
  const change = changeStatement(Object.keys(changes));
  const { uuid, state, ledger_seq } = call;
  const input = { ...changes, read_uuid: uuid, read_state: state, read_ledger_seq: ledger_seq };
  return (await change.run(context, input)) === 1 ? { ...call, ...changes } : undefined;
}

/** One statement per set of columns; the sets are literals in the code, so there are few. */
function changeStatement(columns: readonly string[]): Statement<Record<string, unknown>, unknown> {
  const shape = columns.join();
  const known = changeStatements.get(shape);
  if (known !== undefined) return known;
  const change = statement<Record<string, unknown>>()((db, value) =>
    db
      .updateTable('calls')
      .set(Object.fromEntries(columns.map((column) => [column, value[column]])))
      .where('uuid', '=', value['read_uuid'] as never)
      .where('state', '=', value['read_state'] as never)
      .where('ledger_seq', '=', value['read_ledger_seq'] as never),
  );
  changeStatements.set(shape, change);
  return change;
}
