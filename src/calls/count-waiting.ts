import { statement } from '../store/statement.ts';
import type { OperationContext } from '../store/store.ts';

/** Beyond it nobody counts: however much waits, asking costs the same. */
const MOST_COUNTED = 10_000;

export interface CountWaitingInput {
  readonly now: number;
}

/** What waits for its time, for whoever watches the service. */
export interface WaitingCounts {
  /** Calls whose postback window runs, at most 10,000. */
  readonly windows: number;
  /** Since when the window that should have been decided first waits, ms; 0 if none is late. */
  readonly windowLateMs: number;
  /** Webhook deliveries to be made, retries among them, at most 10,000. */
  readonly deliveries: number;
  readonly deliveryLateMs: number;
  readonly webhooksOff: number;
  /** Buyer → lines taken, of buyers with any. */
  readonly lines: readonly { readonly buyerId: string; readonly lines: number }[];
}

/** Reads by index, a bounded number of entries of each. */
export async function countWaiting(context: OperationContext, { now }: CountWaitingInput): Promise<WaitingCounts> {
  const windows = await windowsOpen.first(context, {});
  const deliveries = await deliveriesDue.first(context, {});
  const off = await webhooksOff.first(context, {});
  const lines = await linesTaken.all(context, {});
  return {
    windows: Number(windows?.count ?? 0),
    windowLateMs: lateness(windows?.first, now),
    deliveries: Number(deliveries?.count ?? 0),
    deliveryLateMs: lateness(deliveries?.first, now),
    webhooksOff: Number(off?.webhooks ?? 0),
    lines: lines.map(({ buyer_id, lines: taken }) => ({ buyerId: buyer_id, lines: Number(taken) })),
  };
}

function lateness(dueAt: number | null | undefined, now: number): number {
  return dueAt == null ? 0 : Math.max(0, now - dueAt);
}

const windowsOpen = statement<object>()((db) =>
  db
    .selectFrom(
      db
        .selectFrom('calls')
        .select('window_ends_at as at')
        .where('window_ends_at', 'is not', null)
        .orderBy('window_ends_at')
        .limit(MOST_COUNTED)
        .as('open'),
    )
    .select(({ fn }) => [fn.countAll().as('count'), fn.min<number | null>('at').as('first')]),
);

const deliveriesDue = statement<object>()((db) =>
  db
    .selectFrom(
      db
        .selectFrom('deliveries')
        .select('due_at as at')
        .where('state', '=', 'due')
        .orderBy('due_at')
        .limit(MOST_COUNTED)
        .as('due'),
    )
    .select(({ fn }) => [fn.countAll().as('count'), fn.min<number | null>('at').as('first')]),
);

const webhooksOff = statement<object>()((db) =>
  db
    .selectFrom('webhook_states')
    .where('off_at', 'is not', null)
    .select(({ fn }) => fn.countAll().as('webhooks')),
);

const linesTaken = statement<object>()((db) =>
  db
    .selectFrom('holds')
    .select('buyer_id')
    .select(({ fn }) => fn.countAll().as('lines'))
    .groupBy('buyer_id'),
);
