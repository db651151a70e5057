import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY, endedCall, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
let sold: string;
let unsold: string;

beforeAll(async () => {
  service = await startMoneyService();
  sold = (await endedCall(service.store, { buyer: 'A' })).uuid;
  await service.postback(sold, 'revenue=10.00');
  await service.postback(sold, 'note=%3DHYPERLINK(%22http%3A%2F%2Fevil%22)&state=CA', 'add_tags');
  unsold = (await endedCall(service.store, { buyer: 'B', endsAt: T0 + 5 * DAY })).uuid;
});
afterAll(() => service[Symbol.asyncDispose]());

const list = async (query: string) => (await service.send(`/api/v1/calls?${query}`)).body;
const uuids = async (query: string) =>
  (await list(query)).calls.map(({ call_uuid }: { call_uuid: string }) => call_uuid);

describe('GET /api/v1/calls', () => {
  it('lists all, newest first, and those that fit', async () => {
    expect(await uuids('')).toEqual([unsold, sold]);
    expect(await uuids('buyer_id=A')).toEqual([sold]);
    expect(await uuids('status=converted&campaign_id=auto')).toEqual([sold]);
    expect(await uuids('tag=state:CA')).toEqual([sold]);
    expect(await uuids('tag=state:NY')).toEqual([]);
    expect(await uuids(`from=${new Date(T0 + DAY).toISOString()}`)).toEqual([unsold]);
    expect(await uuids(`to=${new Date(T0 + DAY).toISOString()}`)).toEqual([sold]);
    const first = await list('limit=1');
    expect(await uuids(`limit=1&before=${first.next}`)).toEqual([sold]);
  });

  it.each([
    ['buyer=A', 'buyer is not a parameter of this list: use before, buyer_id, caller_number, campaign_id'],
    ['status=sold', 'status must be one of open, pending, converted, not_converted.'],
    ['from=yesterday', 'from must be a time like 2026-03-01T12:00:00Z'],
    ['tag=state', 'tag must be a name and a value like state:CA.'],
    ['buyer_id=', 'buyer_id must have a value.'],
    ['limit=100000', 'limit must be a number from 1 to 500.'],
    ['before=me', 'before must be the "next" of the page before.'],
  ])('refuses %s with the remedy', async (query, detail) => {
    expect(await service.send(`/api/v1/calls?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'query_invalid', detail: expect.stringContaining(detail) },
    });
  });
});

describe('GET /api/v1/calls/export', () => {
  it('is CSV with a head, one line a call, every field of the API', async () => {
    const { status, headers, text } = await service.send('/api/v1/calls/export');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    const [head = [], ...rows] = text
      .trimEnd()
      .split('\r\n')
      .map((line) => line.split(','));
    const [newest] = (await list('limit=1')).calls;
    expect([...head].sort()).toEqual(Object.keys(newest).sort());
    expect(rows.map(([uuid]) => uuid)).toEqual([unsold, sold]);
    const row = Object.fromEntries(head.map((name: string, at: number) => [name, rows[1]?.[at]]));
    expect(row).toMatchObject({ revenue: '10.00', payout: '8.00', status: 'converted', caller_number: '+14155550001' });
  });

  it('is NDJSON on request, with the same filters', async () => {
    const { text } = await service.send('/api/v1/calls/export?format=ndjson&buyer_id=A');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual((await list('buyer_id=A')).calls);
  });

  it('refuses other formats and parameters', async () => {
    expect((await service.send('/api/v1/calls/export?format=xlsx')).body.detail).toBe('format must be csv or ndjson.');
    expect((await service.send('/api/v1/calls/export?limit=5')).body.detail).toContain(
      'limit is not a parameter of this list',
    );
  });
});
