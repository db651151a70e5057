import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aBuyer, aCampaign, anAccount, aRoute } from '../support/account-builders.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';
import { ReservingCall } from '../support/reserving-calls.ts';

const account = anAccount({
  timeZone: 'America/New_York',
  buyers: [
    aBuyer('A', { timeZone: 'America/New_York', openingHours: [{ days: [1], fromMinute: 540, toMinute: 1020 }] }),
    aBuyer('B'),
    aBuyer('C'),
  ],
  campaigns: [aCampaign({ routes: [aRoute(['A']), aRoute(['B'], { weight: 3 }), aRoute(['C'], { weight: 1 })] })],
  numbers: [{ number: '+18005550100', campaignId: 'campaign', publisherId: undefined, tags: {} }],
});

let service: MoneyService;

beforeAll(async () => {
  service = await startMoneyService({ account: () => account, isReachable: ({ id }) => id !== 'C' });
});
afterAll(() => service[Symbol.asyncDispose]());

const post = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  service.send('/api/v1/route', {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /api/v1/route', () => {
  it('says who would get the call, and why nobody else would, with what the service knows', async () => {
    const { status, body } = await post({
      dialed_number: '+18005550100',
      caller_number: '+12025550143',
      tags: { state: ['CA', 'NV'], age: 34 },
      at: '2026-11-01T03:30',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      at: '2026-11-01T08:30:00.000Z',
      dialed_number: '+18005550100',
      campaign_id: 'campaign',
      publisher_id: null,
      caller_number: '+12025550143',
      tags: [
        { name: 'state', value: 'CA' },
        { name: 'state', value: 'NV' },
        { name: 'age', value: '34' },
      ],
      candidates: [{ buyer_ids: ['B'], priority: 1, weight: 3, previous_buyer: false, chance_to_be_first: 1 }],
      skipped: [
        {
          buyer_id: 'A',
          reason: 'outside_opening_hours',
          detail: 'closed: it is Sun 03:30 in America/New_York, opens Mon 09:00',
        },
        { buyer_id: 'C', reason: 'unhealthy', detail: 'none of its destinations answers health checks' },
      ],
      last_resort: null,
      unknown: [],
    });
  });

  it.each([
    ['a number of nobody', { dialed_number: '+18005550109' }, 422, 'number_unknown', /nearest are \+18005550100/],
    ['a time that is none', { dialed_number: '+18005550100', at: 'soon' }, 422, 'time_invalid', /"soon" is not a time/],
    ['a zone that is none', { dialed_number: '+18005550100', time_zone: 'x' }, 422, 'time_zone_invalid', /"x"/],
    ['a tag of the system', { dialed_number: '+18005550100', tags: { system_x: '1' } }, 422, 'tag_invalid', /system_x/],
    ['no number', {}, 422, 'fields_invalid', /dialed_number/],
    ['a misspelt field', { dialed_number: '+18005550100', tag: {} }, 422, 'fields_invalid', /tag/],
    ['a name that is none', { dialed_number: '+18005550100', tags: { 'a b': '1' } }, 422, 'tag_invalid', /a b/],
    ['a value of another kind', { dialed_number: '+18005550100', tags: { a: {} } }, 422, 'fields_invalid', /tags.a/],
    ['no JSON', '{', 400, 'body_invalid', /not JSON/],
  ])('refuses %s', async (_, request, status, code, detail) => {
    const answer = await post(request);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code, detail: expect.stringMatching(detail) });
    expect(answer.status).toBe(status);
  });

  it('takes JSON alone: a web page could send a form from anywhere', async () => {
    const form = await post('dialed_number=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(form.status).toBe(415);
  });

  it('is for operators', async () => {
    await using guarded = await startMoneyService({ operatorToken: 'a token of the operator', account: () => account });
    const { status } = await guarded.send('/api/v1/route', { method: 'POST', body: '{}' });
    expect(status).toBe(401);
  });
});

describe('GET /api/v1/calls/{uuid}', () => {
  it('has the routing of the call', async () => {
    const now = Date.parse('2026-11-01T08:30:00Z');
    await service.store.applyAccount({ account, now });
    const call = new ReservingCall(service.store, { now });
    await call.begin();
    const candidates = [{ buyerIds: ['B'], priority: 1, weight: 3 }];
    const skipped = [{ buyerId: 'A', reason: 'paused', detail: 'the buyer is paused' }] as const;
    const trace = { candidates, candidatesLeftOut: 0, skipped, skippedLeftOut: { unhealthy: 2 } };
    const read = async () => (await service.send(`/api/v1/calls/${call.uuid}`)).body.routing;
    expect(await read()).toBeNull();
    await service.store.recordRouting({ callUuid: call.uuid, trace, now });
    expect(await read()).toEqual({
      time: '2026-11-01T08:30:00.000Z',
      candidates: [{ buyer_ids: ['B'], priority: 1, weight: 3, previous_buyer: false }],
      candidates_left_out: 0,
      skipped: [{ buyer_id: 'A', reason: 'paused', detail: 'the buyer is paused' }],
      skipped_left_out: { unhealthy: 2 },
      answers: [],
    });
  });
});
