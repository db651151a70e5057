import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROLES, SCOPES, SCOPES_OF_ROLE } from '../../src/domain/access.ts';
import { API_OPERATIONS } from '../../src/http/openapi/operations.ts';
import { DAY, endedCall, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

const OPERATOR_TOKEN = 'the-operator-token-of-the-tests';
let service: MoneyService;

beforeAll(async () => {
  service = await startMoneyService({ operatorToken: OPERATOR_TOKEN });
});
afterAll(() => service[Symbol.asyncDispose]());

const as = (token: string | undefined, path: string, init: { method?: string; body?: object; headers?: object } = {}) =>
  service.send(`/api/v1${path}`, {
    method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...init.headers,
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });

async function token(body: object): Promise<{ id: string; text: string }> {
  const reply = await as(OPERATOR_TOKEN, '/api-tokens', { body: { name: 'test', ...body } });
  expect(reply.status, reply.text).toBe(201);
  return { id: reply.body.api_token_id, text: reply.body.token_shown_once };
}

describe('API tokens', () => {
  it('are shown once, and only their hash is kept', async () => {
    const { text } = await token({ role: 'read_only' });
    expect(text).toMatch(/^spb_[\w-]{43}$/);
    const listed = await as(OPERATOR_TOKEN, '/api-tokens');
    expect(listed.text).not.toContain(text);
    expect(listed.body.api_tokens.at(-1)).toMatchObject({
      name: 'test',
      role: 'read_only',
      created_by: 'operator token',
    });
    expect((await as(text, '/calls')).status).toBe(200);
  });

  it.each(ROLES.filter((role) => role !== 'publisher'))(
    'of role %s may do what the role says and nothing else',
    async (role) => {
      const { text } = await token({ role });
      for (const { method, path, scope } of API_OPERATIONS) {
        const isChange = method !== 'GET';
        if (isChange && SCOPES_OF_ROLE[role].includes(scope)) continue;
        const reply = await as(text, path.replaceAll(/\{\w+\}/g, 'x'), isChange ? { method, body: {} } : { method });
        const code = reply.body?.code;
        if (SCOPES_OF_ROLE[role].includes(scope)) expect(code, `${method} ${path}`).not.toBe('scope_missing');
        else expect(code, `${method} ${path}`).toBe('scope_missing');
      }
    },
  );

  it('can have fewer scopes than the role, never more', async () => {
    const { text } = await token({ role: 'operator', scopes: ['reports:read'] });
    const period = 'from=2026-01-01&to=2026-02-01';
    expect((await as(text, `/reports/day?${period}`)).status).toBe(200);
    expect((await as(text, '/calls')).body).toMatchObject({ status: 403, code: 'scope_missing' });
    const beyond = await as(OPERATOR_TOKEN, '/api-tokens', {
      body: { name: 'x', role: 'read_only', scopes: ['calls:write'] },
    });
    expect(beyond.body).toMatchObject({ status: 422, code: 'scope_beyond_role' });
  });

  it('open nothing once they are revoked or expired', async () => {
    const revoked = await token({ role: 'admin' });
    expect((await as(OPERATOR_TOKEN, `/api-tokens/${revoked.id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await as(revoked.text, '/calls')).body).toMatchObject({ status: 403, code: 'operator_refused' });
    const expiring = await token({ role: 'admin', expires_at: new Date(service.clock.at + 60_000).toISOString() });
    expect((await as(expiring.text, '/calls')).status).toBe(200);
    service.clock.at += 60_000;
    expect((await as(expiring.text, '/calls')).status).toBe(403);
  });

  it('are refused when malformed, past, or for a publisher nobody knows', async () => {
    const tries = [
      [{ name: 'x', role: 'king' }, 'role: write admin'],
      [{ name: '', role: 'admin' }, 'name: say whose it is'],
      [{ name: 'x', role: 'admin', expires_at: '2020-01-01T00:00:00Z' }, 'still to come'],
      [{ name: 'x', role: 'publisher' }, 'name the publisher'],
      [{ name: 'x', role: 'publisher', publisher_id: 'nobody' }, 'no publisher nobody'],
      [{ name: 'x', role: 'admin', publisher_id: 'radio' }, 'for no other'],
    ] as const;
    for (const [body, detail] of tries) {
      const reply = await as(OPERATOR_TOKEN, '/api-tokens', { body });
      expect(reply.status, detail).toBe(422);
      expect(reply.body.detail).toContain(detail);
    }
    expect((await as(OPERATOR_TOKEN, '/api-tokens/nothing', { method: 'DELETE' })).body.code).toBe('api_token_unknown');
  });

  it('are needed, and guessing them is slowed down', async () => {
    expect((await as(undefined, '/calls')).body).toMatchObject({ status: 401, code: 'operator_token_missing' });
    const guess = () =>
      service.send('/api/v1/calls', { headers: { authorization: 'Bearer spb_no' }, from: '198.51.100.7' });
    const answers = await Promise.all(Array.from({ length: 25 }, guess));
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('2');
    const { text } = await token({ role: 'read_only' });
    expect((await as(text, '/calls')).status, 'another sender').toBe(200);
  });
});

describe('a publisher', () => {
  let mine: string;
  let text: string;
  const period = `from=${new Date(T0 - DAY).toISOString()}&to=${new Date(T0 + 10 * DAY).toISOString()}`;

  beforeAll(async () => {
    const call = await endedCall(service.store, { buyer: 'A', endsAt: T0, caller: '+14155550000' });
    mine = call.uuid;
    await service.postback(mine, 'revenue=10.00&product=auto&secret_note=x');
    text = (await token({ role: 'publisher', publisher_id: 'radio', grants: ['channel'] })).text;
  });

  it('sees its own calls: what it earns, not who bought them or for how much', async () => {
    const { calls } = (await as(text, '/calls')).body;
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ call_uuid: mine, publisher_id: 'radio', payout: '8.00', status: 'converted' });
    expect(calls[0].caller_number).toBeNull();
    for (const hidden of ['revenue', 'buyer_id', 'destination', 'call_key', 'carrier_id', 'postback_value']) {
      expect(calls[0], hidden).not.toHaveProperty(hidden);
    }
  });

  it('sees the tags that are granted', async () => {
    const { tags } = (await as(text, `/calls/${mine}`)).body;
    expect(tags).toEqual([{ name: 'channel', value: 'radio' }]);
    const granted = await token({ role: 'publisher', publisher_id: 'radio', grants: ['caller_number', 'product'] });
    const call = (await as(granted.text, `/calls/${mine}`)).body;
    expect(call.caller_number).toBe('+14155550000');
    expect(call.tags.map(({ name }: { name: string }) => name)).not.toContain('channel');
  });

  it('gets an export and reports of the same', async () => {
    const csv = (await as(text, '/calls/export')).text;
    expect(csv.split('\r\n')[0]).not.toContain('revenue');
    expect(csv).toContain(mine);
    const { rows } = (await as(text, `/reports/campaign?${period}`)).body;
    expect(rows[0]).toMatchObject({ calls: 1, payout: '8.00' });
    expect(rows[0]).not.toHaveProperty('revenue');
    expect(rows[0]).not.toHaveProperty('margin');
  });

  it.each([
    '/calls?buyer_id=A',
    '/calls?caller_number=%2B14155550000',
    '/calls?publisher_id=other',
    '/calls?tag=product:auto',
  ])('does not find out by %s what it is not shown', async (path) => {
    expect((await as(text, path)).body).toMatchObject({ status: 403, code: 'scope_missing' });
  });

  it('sees nothing of others', async () => {
    const other = await endedCall(service.store, { buyer: 'B', endsAt: T0 + 1_000, publisherId: 'another' });
    expect((await as(text, `/calls/${other.uuid}`)).status).toBe(404);
    expect((await as(text, '/calls')).text).not.toContain(other.uuid);
    for (const path of [
      `/reports/buyer?${period}`,
      `/reports/day?${period}&buyer_id=A`,
      '/live-calls',
      '/changes',
      '/account',
    ]) {
      expect((await as(text, path)).status, path).toBe(403);
    }
  });
});

describe('the log of changes', () => {
  it('has who, from where, what and how it ended, before anything else is answered', async () => {
    const call = await endedCall(service.store, { buyer: 'A', endsAt: T0 + 2_000, caller: '+14155550009' });
    const { text } = await token({ name: 'maria', role: 'operator' });
    service.clock.at += 1_000;
    await as(text, `/calls/${call.uuid}/disputes`, { body: { note: 'cancelled', person: 'maria' } });
    service.clock.at += 1_000;
    await as(text, '/calls/no-such-call/disputes', { body: { note: 'cancelled', person: 'maria' } });
    const { changes, next } = (await as(OPERATOR_TOKEN, '/changes?limit=2')).body;
    expect(changes.map(({ action, http_status }: Record<string, unknown>) => [action, http_status])).toEqual([
      ['POST /calls/no-such-call/disputes', 404],
      [`POST /calls/${call.uuid}/disputes`, 201],
    ]);
    expect(changes[1]).toMatchObject({
      actor: expect.stringMatching(/^maria \(token [0-9a-f]{8}\)$/),
      source_address: '127.0.0.1',
      detail: { note: 'cancelled' },
    });
    expect((await as(OPERATOR_TOKEN, `/changes?limit=2&before=${next}`)).body.changes[0].action).toBe(
      'POST /api-tokens',
    );
  });

  it('has nothing of what only looks', async () => {
    const before = (await as(OPERATOR_TOKEN, '/changes')).body.changes.length;
    await as(OPERATOR_TOKEN, '/calls');
    await as(OPERATOR_TOKEN, '/route', { body: { dialed_number: '+18005550100' } });
    expect((await as(OPERATOR_TOKEN, '/changes')).body.changes).toHaveLength(before);
  });
});

describe('Idempotency-Key', () => {
  const once = (key: string, body: object, path = '/api-tokens') =>
    as(OPERATOR_TOKEN, path, { body, headers: { 'idempotency-key': key } });

  it('carries a request out once and answers the same again', async () => {
    const call = await endedCall(service.store, { buyer: 'A', endsAt: T0 + 3_000, caller: '+14155550008' });
    const body = { note: 'twice', person: 'maria' };
    const first = await once('one', body, `/calls/${call.uuid}/disputes`);
    const again = await once('one', body, `/calls/${call.uuid}/disputes`);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const { ledger } = (await as(OPERATOR_TOKEN, `/calls/${call.uuid}`)).body;
    expect(ledger.filter(({ kind }: { kind: string }) => kind === 'dispute')).toHaveLength(1);
  });

  it('belongs to one request, and to whoever sent it', async () => {
    await once('two', { name: 'a', role: 'read_only' });
    expect((await once('two', { name: 'b', role: 'read_only' })).body).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    const { text } = await token({ name: 'another admin', role: 'admin' });
    const other = await as(text, '/api-tokens', {
      body: { name: 'b', role: 'read_only' },
      headers: { 'idempotency-key': 'two' },
    });
    expect(other.status).toBe(201);
  });

  it('does not keep a token', async () => {
    const first = await once('three', { name: 'a', role: 'read_only' });
    const again = await once('three', { name: 'a', role: 'read_only' });
    expect(first.body.token_shown_once).toMatch(/^spb_/);
    expect(again.body).toEqual({ ...first.body, token_shown_once: null });
  });

  it('is free again after a refusal, and after a day', async () => {
    expect((await once('four', { name: '', role: 'admin' })).status).toBe(422);
    expect((await once('four', { name: 'mended', role: 'read_only' })).status).toBe(201);
    service.clock.at += DAY + 1;
    expect((await once('four', { name: 'another', role: 'read_only' })).status).toBe(201);
  });

  it('answers one of two at the same time', async () => {
    const both = await Promise.all([1, 2].map(() => once('five', { name: 'a', role: 'read_only' })));
    const statuses = both.map(({ status }) => status).sort();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(statuses);
    const { api_tokens } = (await as(OPERATOR_TOKEN, '/api-tokens')).body;
    const made = both.find(({ status, headers }) => status === 201 && headers.get('idempotent-replayed') === null);
    expect(
      api_tokens.filter(({ api_token_id }: { api_token_id: string }) => api_token_id === made?.body.api_token_id),
    ).toHaveLength(1);
  });
});

it('roles name scopes that exist', () => {
  expect(new Set(Object.values(SCOPES_OF_ROLE).flat())).toEqual(new Set(SCOPES));
});
