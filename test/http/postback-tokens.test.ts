import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { TriggerGroup } from '../../src/domain/conversion-group.ts';
import { DAY, endedCall, SECOND, T0, TRIGGER } from '../support/acceptance-calls.ts';
import { type MoneyService, type Reply, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
beforeAll(async () => {
  service = await startMoneyService({ trustedProxies: undefined });
});
afterAll(() => service[Symbol.asyncDispose]());
afterEach(() => {
  service.clock.at = T0 + 10 * SECOND;
});

const json = (body: object) => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
});
const api = (path: string, body?: object): Promise<Reply> => service.send(`/api/v1${path}`, body && json(body));
const create = async (changes: object = {}) => {
  const body = {
    campaign_id: 'auto',
    conversion_group_id: 'group-1',
    buyer_id: 'A',
    caller_within_days: 7,
    ...changes,
  };
  return (await api('/postback-tokens', body)).body;
};
const keyOf = (uuid: string) => service.keys.derive(uuid);

describe('postback URLs of partners (semantics §5)', () => {
  it('log what cannot be read, tells no call, or only looks ahead, with its answer; nothing of it is applied', async () => {
    const { path } = await create();
    const call = await endedCall(service.store, { buyer: 'A' });
    const sale = `call_uuid=${call.uuid}&key=${keyOf(call.uuid)}&revenue=10`;
    const text = { method: 'POST', body: 'revenue=10', headers: { 'content-type': 'text/plain' } };
    expect((await service.send(path, text)).status).toBe(415);
    expect((await service.send(`${path}?revenue=10`)).status).toBe(422);
    const prefetch = await service.send(`${path}?${sale}`, { headers: { purpose: 'prefetch' } });
    expect(prefetch.body).toMatchObject({ status: 'ignored', reason: 'prefetch' });
    const { postbacks } = (await api('/campaigns/auto/postbacks?converted=no')).body;
    expect(postbacks.slice(0, 3)).toMatchObject([
      { http_status: 200, reason: 'prefetch' },
      { http_status: 422, reason: expect.stringContaining('Say which call') },
      { http_status: 415, reason: expect.stringContaining('application/json') },
    ]);
    expect(JSON.stringify(postbacks)).not.toContain(keyOf(call.uuid));
    expect(await call.money()).toMatch(/^pending/);
  });

  it('take uuid and key by GET, HEAD, form and JSON, like the URL of the call', async () => {
    const { path } = await create();
    const ways: ((uuid: string) => Promise<Reply>)[] = [
      (uuid) => service.send(`${path}?call_uuid=${uuid}&key=${keyOf(uuid)}&revenue=10`),
      (uuid) => service.send(`${path}/?call_uuid=${uuid}&key=${keyOf(uuid)}&revenue=10`, { method: 'HEAD' }),
      (uuid) =>
        service.send(path, {
          method: 'POST',
          body: new URLSearchParams({ call_uuid: uuid, key: keyOf(uuid), revenue: '10' }),
        }),
      (uuid) => service.send(`${path}.json`, json({ call_uuid: uuid, key: keyOf(uuid), revenue: 10 })),
      (uuid) =>
        service.send(path, {
          ...json({ call_uuid: uuid, revenue: 10 }),
          headers: { 'content-type': 'application/json', authorization: `Bearer ${keyOf(uuid)}` },
        }),
    ];
    for (const send of ways) {
      const call = await endedCall(service.store, { buyer: 'A' });
      expect((await send(call.uuid)).status).toBe(200);
      expect(await call.money()).toBe('converted 10.00/8.00');
      expect((await call.record()).postbacks[0]).toMatchObject({ effect: 'money', token_id: expect.any(String) });
    }
    expect((await service.send(path, { method: 'PUT' })).status).toBe(405);
  });

  it("take the caller's number: the newest answered call of that caller with that partner", async () => {
    const { path } = await create();
    const caller = '+14155557001';
    const older = await endedCall(service.store, { buyer: 'A', caller, endsAt: T0 - DAY });
    const newest = await endedCall(service.store, { buyer: 'A', caller, endsAt: T0 });
    const others = await endedCall(service.store, { buyer: 'C', caller, endsAt: T0 + SECOND });
    for (const written of [caller, '1 (415) 555-7001', ' 14155557001']) {
      const reply = await service.send(`${path}?caller_number=${encodeURIComponent(written)}&revenue=10`);
      expect(reply.body).toMatchObject({ call_uuid: newest.uuid, revenue: '10.00' });
    }
    expect(await older.money()).toBe('pending 0.00/0.00');
    expect(await others.money()).toBe('not_converted 0.00/0.00');
    expect((await newest.record()).ledger).toHaveLength(1);
  });

  it('find no call older than the days they look back, nor any if they take no caller number', async () => {
    const caller = '+14155557002';
    await endedCall(service.store, { buyer: 'A', caller, endsAt: T0 });
    service.clock.at = T0 + 8 * DAY;
    const post = async (token: { path: string }) =>
      service.send(`${token.path}?caller_number=%2B14155557002&revenue=10`);
    expect(await post(await create())).toMatchObject({ status: 404, body: { code: 'call_unknown' } });
    expect((await post(await create({ caller_within_days: 0 }))).status).toBe(404);
    const { body } = await api('/campaigns/auto/postbacks?converted=no&limit=2');
    expect(body.postbacks).toMatchObject([
      { call_uuid: null, http_status: 404, reason: expect.stringContaining('does not take') },
      { call_uuid: null, http_status: 404, parameters: [['revenue', '10']] },
    ]);
  });

  it('see only the calls of their partner, and want the key with a uuid', async () => {
    const { path } = await create();
    const other = await endedCall(service.store, { buyer: 'B' });
    const reply = await service.send(`${path}?call_uuid=${other.uuid}&key=${keyOf(other.uuid)}&revenue=10`);
    expect(reply.status).toBe(403);
    const call = await endedCall(service.store, { buyer: 'A' });
    expect((await service.send(`${path}?call_uuid=${call.uuid}&revenue=10`)).status).toBe(401);
    expect((await service.send(`${path}?call_uuid=${call.uuid}&key=${'f'.repeat(40)}&revenue=10`)).status).toBe(403);
    expect((await service.send(`${path}?revenue=10`)).status).toBe(422);
    expect((await service.send(`${path}?caller_number=anonymous&revenue=10`)).status).toBe(422);
    expect(await call.money()).toBe('pending 0.00/0.00');
  });

  it('wrong, damaged and paused tokens are answered like a wrong key; a resumed one works', async () => {
    const token = await create();
    const call = await endedCall(service.store, { buyer: 'A' });
    const query = `call_uuid=${call.uuid}&key=${keyOf(call.uuid)}&revenue=10`;
    const wrongKey = await service.send(`/calls/${call.uuid}/set_value?key=${'f'.repeat(40)}&revenue=10`);
    const damaged = `${token.path.slice(0, -3)}AAA`;
    await api(`/postback-tokens/${token.postback_token_id}/pause`, {});
    for (const path of [token.path, damaged, '/postbacks/x', `/postbacks/${'A'.repeat(52)}`]) {
      expect(await service.send(`${path}?${query}`)).toMatchObject({ status: 403, text: wrongKey.text });
      const page = await service.send(path.replace('postbacks', 'postback-instructions'));
      expect(page).toMatchObject({ status: 403, text: wrongKey.text });
    }
    expect(await call.money()).toBe('pending 0.00/0.00');
    await api(`/postback-tokens/${token.postback_token_id}/resume`, {});
    expect((await service.send(`${token.path}?${query}`)).body.status).toBe('converted');
    expect(JSON.stringify(service.log)).not.toContain(token.token);
  });

  it('rotated: the old one is good for the grace time, a day unless told otherwise, or not at all', async () => {
    const first = await create();
    const rotate = async (body: object) => (await api(`/postback-tokens/${first.postback_token_id}/rotate`, body)).body;
    const works = async ({ path }: { path: string }) =>
      (await service.send(`${path}?caller_number=%2B14155550009&x=1`)).status !== 403;
    const second = await rotate({});
    expect(second.token).not.toBe(first.token);
    expect([await works(first), await works(second)]).toEqual([true, true]);
    service.clock.at += DAY;
    expect([await works(first), await works(second)]).toEqual([false, true]);
    const third = await rotate({ grace_seconds: 0 });
    expect([await works(first), await works(second), await works(third)]).toEqual([false, false, true]);
  });

  it('no trigger is found in token, uuid, key or caller number', async () => {
    const substring = {
      ...(TRIGGER as TriggerGroup),
      triggers: [{ text: '1415', mode: 'substring', revenue: '5', payout: '3' } as const],
    };
    await service.configure({ conversionGroups: [substring] });
    const { path } = await create({ conversion_group_id: 'group-2', buyer_id: 'B' });
    const call = await endedCall(service.store, { buyer: 'B', caller: '+14155557004' });
    expect((await service.send(`${path}?caller_number=14155557004&x=1`)).body.status).toBe('recorded');
    expect((await service.send(`${path}?caller_number=14155557004&x=1415`)).body.status).toBe('converted');
    expect((await call.record()).postbacks.map(({ raw_text }) => raw_text)).toEqual(['x=1', 'x=1415']);
    await service.configure();
  });

  it('are only made for what is in the account', async () => {
    for (const changes of [
      { campaign_id: 'x' },
      { conversion_group_id: 'group-3' },
      { buyer_id: 'x' },
      { caller_within_days: 91 },
      { more: 1 },
    ]) {
      expect((await create(changes)).status).toBeGreaterThanOrEqual(404);
    }
    expect((await api('/postback-tokens/x')).status).toBe(404);
    const { body } = await api('/postback-tokens');
    expect(body.postback_tokens.length).toBeGreaterThan(3);
  });
});

describe("a campaign's postback log", () => {
  it('lists what arrived and converted nothing, newest first, in pages; also what was refused', async () => {
    await using fresh = await startMoneyService({ trustedProxies: undefined });
    const call = await endedCall(fresh.store, { buyer: 'A' });
    for (const query of ['revenue=abc', 'x=1', 'revenue=10', 'revenue=10', 'revenue=10&x=%ff'])
      await fresh.postback(call.uuid, query);
    await fresh.postback(call.uuid, 'a=1', 'add_tags');
    const list = async (query: string) => (await fresh.send(`/api/v1/campaigns/auto/postbacks?${query}`)).body;
    const first = await list('converted=no&limit=2');
    expect(first.postbacks.map((each: { http_status: number }) => each.http_status)).toEqual([400, 200]);
    const second = await list(`converted=no&limit=2&before=${first.next}`);
    expect(second.postbacks).toMatchObject([{ http_status: 422, call_uuid: call.uuid, source_address: '127.0.0.1' }]);
    expect(second.next).toBeNull();
    expect((await list('converted=yes')).postbacks).toMatchObject([
      { status: 'converted', revenue: '10.00', payout: '8.00' },
    ]);
    expect((await list('')).postbacks).toHaveLength(6);
    expect(JSON.stringify(await list(''))).not.toContain(fresh.keys.derive(call.uuid));
    expect((await fresh.send('/api/v1/campaigns/auto/postbacks?converted=maybe')).status).toBe(400);
  });

  it('a sale posted during the call is found under what it came to at the end', async () => {
    await using fresh = await startMoneyService({ trustedProxies: undefined });
    const { AcceptanceCall } = await import('../support/acceptance-calls.ts');
    const call = await new AcceptanceCall(fresh.store, { buyer: 'A' }).connect();
    for (const query of ['revenue=10', 'revenue=12', 'x=1']) await fresh.postback(call.uuid, query);
    await call.end();
    expect((await call.record()).postbacks.map(({ effect }) => effect)).toEqual(['none', 'money', 'none']);
  });
});
