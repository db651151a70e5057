import { beforeEach, describe, expect, it } from 'vitest';
import { applyPostedData } from '../../src/calls/apply-posted-data.ts';
import { declineCall } from '../../src/calls/decline-call.ts';
import { readPostedData } from '../../src/domain/posted-data.ts';
import { changeCall, findCall } from '../../src/store/call-rows.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { OperationContext } from '../../src/store/store.ts';
import type { CallRow } from '../../src/store/tables.ts';
import { type AcceptanceCall, acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { memoryDatabase } from '../support/memory-database.ts';

describe('compare-and-set (semantics §5)', () => {
  let context: OperationContext;
  let call: AcceptanceCall;
  let stale: CallRow;

  const posted = (revenue: string) => readPostedData([['revenue', revenue]], `revenue=${revenue}`);
  const timing = { now: T0 + 20 * SECOND, lateLimitMs: DAY };

  beforeEach(async () => {
    const { db, store } = memoryDatabase();
    context = { db };
    await migrate(db);
    await store.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
    call = await endedCall(store, { buyer: 'A' });
    stale = (await call.record()).call;
    await call.post('revenue=10', T0 + SECOND);
  });

  it('a row that was changed since it was read is not changed again', async () => {
    expect(await changeCall(context, stale, { state: 'not_converted' })).toBeUndefined();
    expect(await call.money()).toBe('converted 10.00/8.00');
  });

  it('also when only its money moved', async () => {
    const converted = (await findCall(context, call.uuid)) as CallRow;
    await call.post('revenue=12', T0 + 2 * SECOND);
    expect(await changeCall(context, converted, { revenue_micros: 1 })).toBeUndefined();
    expect(await call.money()).toBe('converted 12.00/9.60');
  });

  it('a sweep that lost fires nothing', async () => {
    const before = await call.fired();
    expect(await declineCall(context, stale, T0 + 600 * SECOND)).toBeUndefined();
    expect(await call.fired()).toEqual(before);
  });

  it.each([
    ['10', 'unchanged', 'converted 10.00/8.00'],
    ['12', 'corrected', 'converted 12.00/9.60'],
  ])('a postback of %s that lost looks again: %s', async (revenue, status, money) => {
    expect(await applyPostedData(context, stale, posted(revenue), timing)).toMatchObject({ status });
    expect(await call.money()).toBe(money);
    expect((await call.fired()).filter((event) => event.startsWith('converted'))).toHaveLength(1);
  });

  it('the database itself refuses a second decision of a kind', async () => {
    const event = { id: 'second', call_uuid: call.uuid, type: 'converted', at: T0, data_json: '{}' };
    await expect(context.db.insertInto('events').values(event).execute()).rejects.toThrow('UNIQUE');
  });
});
