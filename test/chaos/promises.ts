import type { Database } from 'better-sqlite3';
import { audit } from '../../src/audit/audit.ts';
import type { SeenCall } from './seen-call.ts';
import type { WebhookWitness } from './webhook-witness.ts';

/** What the service promises to survive; each is counted, broken or not. */
export const PROMISES = {
  intact: 'the database is whole (integrity_check)',
  keys: 'a call whose key a buyer has is there',
  postbacks: 'a postback answered 200 is there',
  answers: 'a call whose caller was answered is recorded as answered',
  closed: 'calls left open are closed, their end estimated',
  money: 'what was acknowledged last is the call’s money',
  ledger: 'the ledger adds up (audit)',
  windows: 'no window stays open, no line stays held',
  webhooks: 'each webhook event came, under one id',
  answered: 'a postback gets an answer a buyer can act upon',
  starts: 'the service starts again',
} as const;

export type PromiseName = keyof typeof PROMISES;

/** A promise that was not kept, and by what. */
export interface Broken {
  readonly promise: PromiseName;
  readonly what: string;
}

const quote = (uuids: readonly string[]): string => JSON.stringify(uuids);
const WHO = 'select value from json_each(?)';

/** What must hold of the file a killed process has left. */
export function checkCrashImage(database: Database, seen: readonly SeenCall[]): Broken[] {
  const verdict = database.pragma('integrity_check', { simple: true });
  const intact: Broken[] = verdict === 'ok' ? [] : [{ promise: 'intact', what: String(verdict) }];
  return [...intact, ...missingCalls(database, seen), ...missingPostbacks(database, seen)];
}

/** Calls the image shows as running. */
export function openCalls(database: Database): string[] {
  return column(database.prepare<[], { uuid: string }>('select uuid from calls where ended_at is null').all());
}

/** What must hold once the service is up again. */
export function checkAfterRestart(database: Database, leftOpen: readonly string[]): Broken[] {
  const rows = database
    .prepare<[string], { uuid: string }>(
      `select uuid from calls where uuid in (${WHO}) and (ended_at is null or end_estimated = 0)`,
    )
    .all(quote(leftOpen));
  return column(rows).map((uuid) => ({ promise: 'closed', what: uuid }));
}

/** What must hold when all windows are over and all webhooks have gone out. */
export function checkSettled(database: Database, seen: readonly SeenCall[], witness: WebhookWitness): Broken[] {
  const report = audit(database);
  const ledger = report.findings.map(
    ({ callUuid, check, what }): Broken => ({ promise: 'ledger', what: `${callUuid} ${check}: ${what}` }),
  );
  return [
    ...missingCalls(database, seen),
    ...missingPostbacks(database, seen),
    ...unansweredCalls(database, seen),
    ...wrongMoney(database, seen),
    ...ledger,
    ...leftOver(database),
    ...unseenWebhooks(database, witness),
  ];
}

function missingCalls(database: Database, seen: readonly SeenCall[]): Broken[] {
  const rows = database.prepare<[string], { uuid: string }>(`select uuid from calls where uuid in (${WHO})`);
  const there = new Set(column(rows.all(quote(seen.map(({ uuid }) => uuid)))));
  return seen.filter(({ uuid }) => !there.has(uuid)).map(({ uuid }) => ({ promise: 'keys', what: uuid }));
}

function missingPostbacks(database: Database, seen: readonly SeenCall[]): Broken[] {
  const rows = database
    .prepare<[string], { ref: string }>(
      `select json_extract(parameters_json, '$') as ref from postbacks where call_uuid in (${WHO})`,
    )
    .all(quote(seen.map(({ uuid }) => uuid)));
  const there = new Set(rows.flatMap(({ ref }) => /"ref"[^"]+"(r\d+)"/.exec(ref)?.[1] ?? []));
  return seen.flatMap(({ uuid, acknowledged }) =>
    acknowledged
      .filter(({ ref }) => !there.has(ref))
      .map(({ ref, status }): Broken => ({ promise: 'postbacks', what: `${ref} (${status}) of ${uuid}` })),
  );
}

function unansweredCalls(database: Database, seen: readonly SeenCall[]): Broken[] {
  const answered = seen.filter(({ isAnswered }) => isAnswered).map(({ uuid }) => uuid);
  const rows = database
    .prepare<[string], { uuid: string }>(`select uuid from calls where uuid in (${WHO}) and answered_at is null`)
    .all(quote(answered));
  return column(rows).map((uuid) => ({ promise: 'answers', what: uuid }));
}

interface MoneyRow {
  readonly state: string;
  readonly revenue_micros: number;
  readonly answered_at: number | null;
  readonly buyer_id: string | null;
}

function wrongMoney(database: Database, seen: readonly SeenCall[]): Broken[] {
  const row = database.prepare<[string], MoneyRow>(
    'select state, revenue_micros, answered_at, buyer_id from calls where uuid = ?',
  );
  return seen.flatMap(({ uuid, buyer, acknowledged }): Broken[] => {
    const sale = acknowledged.findLast(({ revenue }) => revenue !== undefined);
    const call = row.get(uuid);
    if (sale === undefined || call === undefined || call.answered_at === null || call.buyer_id !== buyer) return [];
    const expected = Number(sale.revenue);
    const isRight = call.state === 'converted' && call.revenue_micros === Math.round(expected * 1_000_000);
    const is = `${call.state} ${call.revenue_micros / 1_000_000}`;
    return isRight ? [] : [{ promise: 'money', what: `${uuid} is ${is}, acknowledged ${sale.status} ${expected}` }];
  });
}

function leftOver(database: Database): Broken[] {
  const counts = { 'windows still open': "calls where state in ('open', 'pending')", 'lines still held': 'holds' };
  return Object.entries(counts).flatMap(([what, from]): Broken[] => {
    const { count } = database.prepare<[], { count: number }>(`select count(*) as count from ${from}`).get()!;
    return count === 0 ? [] : [{ promise: 'windows', what: `${count} ${what}` }];
  });
}

interface DeliveryRow {
  readonly event_id: string;
  readonly trigger: string;
  readonly call_uuid: string;
  readonly state: string;
}

/** Every event came, none that the database does not know, and what happens once in a call came under one id. */
function unseenWebhooks(database: Database, witness: WebhookWitness): Broken[] {
  const rows = database.prepare<[], DeliveryRow>('select event_id, trigger, call_uuid, state from deliveries').all();
  const known = new Set(rows.map(({ event_id }) => event_id));
  const unseen = rows
    .filter(({ event_id, state }) => state !== 'delivered' || !witness.has(event_id))
    .map(({ event_id, trigger, call_uuid, state }) => `${trigger} ${event_id} of ${call_uuid} is ${state}`);
  const unknown = witness.events().filter((id) => !known.has(id));
  const events = database
    .prepare<[], { what: string }>(
      `select call_uuid || ' has ' || count(*) || ' events ' || type as what from events
       where type in ('start', 'answered', 'ended', 'converted', 'not_converted') group by call_uuid, type having count(*) > 1
       union all select uuid || ' has no event ended' from calls
       where not exists (select 1 from events where call_uuid = uuid and type = 'ended')`,
    )
    .all();
  const all = [...unseen, ...unknown.map((id) => `${id} is unknown`), ...witness.twice(), ...events.map((e) => e.what)];
  return all.map((what) => ({ promise: 'webhooks', what }));
}

const column = (rows: readonly { readonly uuid: string }[]): string[] => rows.map(({ uuid }) => uuid);
