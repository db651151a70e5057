import { statement } from './statement.ts';
import type { OperationContext } from './store.ts';
import type { AttemptRow } from './tables.ts';

const begin = statement<Pick<AttemptRow, 'call_uuid' | 'seq' | 'buyer_id' | 'destination' | 'invited_at'>>()(
  (db, value) =>
    db
      .insertInto('attempts')
      .values({
        call_uuid: value.call_uuid,
        seq: value.seq,
        buyer_id: value.buyer_id,
        destination: value.destination,
        invited_at: value.invited_at,
      } as never)
      .onConflict((conflict) => conflict.doNothing()),
);

/** False if this attempt is written down already. */
export async function beginAttemptRow(
  context: OperationContext,
  attempt: Parameters<typeof begin.run>[1],
): Promise<boolean> {
  return (await begin.run(context, attempt)) === 1;
}

const answer = statement<{ callUuid: string; seq: number; ringingAt: number | null; answeredAt: number }>()(
  (db, value) =>
    db
      .updateTable('attempts')
      .set({ ringing_at: value.ringingAt, answered_at: value.answeredAt, sip_status: 200 })
      .where('call_uuid', '=', value.callUuid)
      .where('seq', '=', value.seq)
      .where('ended_at', 'is', null),
);

/** The attempt got the 2xx; false if it had ended before. */
export async function answerAttempt(
  context: OperationContext,
  input: Parameters<typeof answer.run>[1],
): Promise<boolean> {
  return (await answer.run(context, input)) === 1;
}

/** How an attempt failed. */
interface AttemptEnd {
  readonly callUuid: string;
  readonly seq: number;
  readonly ringingAt: number | null;
  readonly endedAt: number;
  readonly sipStatus: number | null;
  readonly reason: string;
}

const end = statement<AttemptEnd>()((db, value) =>
  db
    .updateTable('attempts')
    .set({
      ringing_at: value.ringingAt,
      answered_at: null,
      ended_at: value.endedAt,
      sip_status: value.sipStatus,
      reason: value.reason,
    })
    .where('call_uuid', '=', value.callUuid)
    .where('seq', '=', value.seq)
    .where('ended_at', 'is', null)
    .returning(['buyer_id', 'destination']),
);

/** Ends an attempt that failed; undefined if there is none, or it has ended already. */
export function endAttemptRow(
  context: OperationContext,
  input: AttemptEnd,
): Promise<Pick<AttemptRow, 'buyer_id' | 'destination'> | undefined> {
  return end.first(context, input);
}

const answering = statement<{ callUuid: string }>()((db, value) =>
  db
    .selectFrom('attempts')
    .selectAll()
    .where('call_uuid', '=', value.callUuid)
    .where('answered_at', 'is not', null)
    .where('ended_at', 'is', null)
    .limit(1),
);

/** The attempt whose 2xx came, and which nobody has hung up. */
export function findAnsweredAttempt(context: OperationContext, callUuid: string): Promise<AttemptRow | undefined> {
  return answering.first(context, { callUuid });
}

const endAll = statement<{ callUuid: string; endedAt: number }>()((db, value) =>
  db
    .updateTable('attempts')
    .set({ ended_at: value.endedAt })
    .where('call_uuid', '=', value.callUuid)
    .where('ended_at', 'is', null),
);

/** Whatever attempt still runs ends with its call. */
export async function endRunningAttempts(
  context: OperationContext,
  input: { readonly callUuid: string; readonly endedAt: number },
): Promise<void> {
  await endAll.run(context, input);
}
