import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, endedCall, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;

const PERIOD = `from=${new Date(T0 - 30 * DAY).toISOString()}&to=${new Date(T0 + 60 * DAY).toISOString()}`;

beforeAll(async () => {
  service = await startMoneyService();
  for (const [at, buyer] of (['A', 'A', 'B', 'C', 'A'] as const).entries()) {
    const call = await endedCall(service.store, { buyer, endsAt: T0 + at * DAY, caller: `+1415555000${at}` });
    service.clock.at = T0 + at * DAY + 1_000;
    if (at === 0) await service.postback(call.uuid, 'revenue=10.00');
    if (at === 1) {
      await service.postback(call.uuid, 'revenue=20.00');
      await service.postback(call.uuid, 'revenue=25.50');
    }
    if (at === 2) await service.postback(call.uuid, 'sale=true');
  }
});
afterAll(() => service[Symbol.asyncDispose]());

const report = async (by: string, more = '') => (await service.send(`/api/v1/reports/${by}?${PERIOD}${more}`)).body;

/** The same from the calls themselves, one by one. */
async function addedUp(): Promise<{
  calls: number;
  connected: number;
  converted: number;
  revenue: number;
  payout: number;
}> {
  const { calls } = (await service.send('/api/v1/calls?limit=500')).body;
  const sum = (of: (call: Record<string, string | null>) => number) =>
    calls.reduce((total: number, call: Record<string, string | null>) => total + of(call), 0);
  return {
    calls: calls.length,
    connected: sum((call) => (call['answer_time'] === null ? 0 : 1)),
    converted: sum((call) => (call['status'] === 'converted' ? 1 : 0)),
    revenue: sum((call) => Number(call['revenue'])),
    payout: sum((call) => Number(call['payout'])),
  };
}

describe('GET /api/v1/reports/{by}', () => {
  it.each(['campaign', 'publisher', 'buyer', 'number', 'day', 'hour'])(
    'by %s adds up to what the calls are',
    async (by) => {
      const { rows, left_out, currency } = await report(by);
      const total = (name: string) =>
        rows.reduce((sum: number, row: Record<string, number>) => sum + Number(row[name]), 0);
      const wanted = await addedUp();
      expect({
        calls: total('calls'),
        connected: total('connected'),
        converted: total('converted'),
        revenue: total('revenue'),
        payout: total('payout'),
      }).toEqual(wanted);
      expect(total('margin')).toBeCloseTo(wanted.revenue - wanted.payout, 4);
      expect([left_out, currency]).toEqual([0, 'USD']);
    },
  );

  it('by buyer has corrected money, and the money of each', async () => {
    const { rows } = await report('buyer');
    expect(rows[0]).toMatchObject({
      buyer_id: 'A',
      calls: 3,
      connected: 3,
      converted: 2,
      revenue: '35.50',
      payout: '28.40',
      margin: '7.10',
    });
    expect(rows.find(({ buyer_id }: { buyer_id: string }) => buyer_id === 'B')).toMatchObject({
      calls: 1,
      revenue: '50.00',
      payout: '30.00',
    });
    expect((await report('day', '&buyer_id=B')).rows).toHaveLength(1);
    expect((await report('campaign', '&buyer_id=nobody')).rows).toEqual([]);
  });

  it('days and hours are those of the zone that is asked for', async () => {
    const start = (await service.send('/api/v1/calls?limit=1')).body.calls[0].start_time;
    const parts = (zone: string) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
        .format(new Date(start))
        .split(' ');
    for (const zone of ['UTC', 'America/Los_Angeles', 'Asia/Kathmandu', 'Pacific/Kiritimati']) {
      const [day, time = ''] = parts(zone);
      expect((await report('day', `&zone=${zone}`)).rows.at(-1).day).toBe(day);
      expect((await report('hour', `&zone=${zone}`)).rows.at(-1).hour).toBe(`${day}T${time.slice(0, 2)}:00`);
    }
  });

  it('counts what retention has removed all the same', async () => {
    const before = await report('campaign');
    await service.store.purgeCalls({ endedBefore: T0 + 400 * DAY, now: T0 + 400 * DAY, limit: 100 });
    expect(await report('campaign')).toEqual(before);
  });

  it.each([
    ['week?from=2026-03-01&to=2026-03-02', 404, 'A report is by one of campaign, publisher, buyer, number, day, hour.'],
    ['day', 400, 'from and to are needed'],
    ['day?from=2026-03-02&to=2026-03-01', 400, 'to must be later than from.'],
    ['day?from=2024-01-01&to=2026-01-01', 400, 'A report covers 400 days at most.'],
    ['day?from=x&to=2026-01-01', 400, 'from must be a time like'],
    ['day?from=2026-03-01&to=2026-03-02&zone=Mars', 422, 'Mars'],
    ['day?from=2026-03-01&to=2026-03-02&buyer=A', 400, 'buyer is not a parameter here: use buyer_id'],
    ['day?from=2026-03-01&from=2026-03-02&to=2026-03-03', 400, 'from must have one value.'],
  ])('refuses %s with the remedy', async (query, status, detail) => {
    const answer = await service.send(`/api/v1/reports/${query}`);
    expect(answer.body.detail).toContain(detail);
    expect(answer.status).toBe(status);
  });
});
