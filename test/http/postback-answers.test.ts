import { createConnection } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConversionGroup, TriggerGroup } from '../../src/domain/conversion-group.ts';
import { AppError } from '../../src/domain/errors.ts';
import { newUuid } from '../../src/domain/ids.ts';
import { AcceptanceCall, DAY, endedCall, SECOND, T0, TRIGGER } from '../support/acceptance-calls.ts';
import { type MoneyService, type Reply, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
beforeAll(async () => {
  service = await startMoneyService({
    limits: { perSource: { burst: 1e6, perSecond: 1e6 }, failed: { burst: 1e6, perSecond: 1e6 } },
  });
});
afterAll(() => service[Symbol.asyncDispose]());
afterEach(() => {
  service.clock.at = T0 + 10 * SECOND;
});

const ended = (buyer: string) => endedCall(service.store, { buyer });
const keyOf = (uuid: string) => service.keys.derive(uuid);
const setValue = (uuid: string) => `/calls/${uuid}/set_value`;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** Every column of the call that a postback could change. */
async function stateOf(call: AcceptanceCall) {
  const { call: row, ledger, tags, deliveries, events } = await call.record();
  return { row, ledger, tags, deliveries: deliveries.length, events: events.length };
}

describe('answers of the postback endpoints (semantics §3)', () => {
  it('a conversion, the same again, another value: converted, unchanged, corrected', async () => {
    const call = await ended('A');
    const { status, body, headers } = await service.postback(call.uuid, 'revenue=10.00');
    expect(status).toBe(200);
    expect(body).toEqual({ call_uuid: call.uuid, status: 'converted', revenue: '10.00', payout: '8.00' });
    expect(headers.get('cache-control')).toBe('no-store');
    const deliveries = (await stateOf(call)).deliveries;
    expect((await service.postback(call.uuid, 'revenue=10')).body).toMatchObject({ status: 'unchanged' });
    expect((await stateOf(call)).deliveries).toBe(deliveries);
    expect((await service.postback(call.uuid, 'revenue=12')).body).toMatchObject({
      status: 'corrected',
      payout: '9.60',
    });
  });

  it('nothing triggered, and the call still runs: recorded, and why', async () => {
    const over = await ended('A');
    expect((await service.postback(over.uuid, 'sale=true')).body).toMatchObject({
      status: 'recorded',
      reason: expect.stringContaining('no revenue'),
    });
    const running = await new AcceptanceCall(service.store, { buyer: 'A' }).connect();
    expect((await service.postback(running.uuid, 'revenue=10')).body).toMatchObject({
      status: 'recorded',
      reason: expect.stringContaining('still runs'),
    });
  });

  it.each(['', '.json', '/', '.json/'])('path with "%s" at its end is the same path', async (ending) => {
    const call = await ended('A');
    const reply = await service.send(`${setValue(call.uuid)}${ending}?key=${keyOf(call.uuid)}&revenue=1`);
    expect(reply.body.status).toBe('converted');
  });

  it('13: wrong key, key of another call, unknown and malformed uuid: one and the same 403; no key: 401', async () => {
    const [call, other] = [await ended('A'), await ended('A')];
    const before = await stateOf(call);
    const unknown = newUuid(T0);
    const requests = [
      `${setValue(call.uuid)}?revenue=10&key=${'f'.repeat(40)}`,
      `${setValue(call.uuid)}?revenue=10&key=${keyOf(other.uuid)}`,
      `${setValue(call.uuid)}?revenue=10&key=short`,
      `${setValue(unknown)}?revenue=10&key=${'0'.repeat(40)}`,
      `${setValue(unknown)}?revenue=10&key=${keyOf(unknown)}`,
      `${setValue('not-a-uuid')}?revenue=10&key=${keyOf(call.uuid)}`,
      `${setValue('%20')}?revenue=10&key=${keyOf(call.uuid)}`,
      `${setValue(call.uuid).replace('set_value', 'add_tags')}?a=1&key=${'f'.repeat(40)}`,
    ];
    const replies: Reply[] = [];
    for (const path of requests) replies.push(await service.send(path));
    expect(replies.map(({ status }) => status)).toEqual(requests.map(() => 403));
    expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
    expect((await service.send(`${setValue(call.uuid)}?revenue=10`)).status).toBe(401);
    expect((await service.send(`${setValue(call.uuid)}?revenue=10&key=`)).status).toBe(401);
    expect(await stateOf(call)).toEqual(before);
    expect(JSON.stringify(service.log)).not.toContain(keyOf(other.uuid));
    const reasons = service.log.filter(({ msg }) => msg === 'postback refused').map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(['malformed uuid', 'wrong key or unknown call']));
  });

  it('13: a wrong key never touches the database', async () => {
    const untouchable = new Proxy({}, { get: () => () => Promise.reject(new Error('touched')) });
    await using blind = await startMoneyService({ store: untouchable as MoneyService['store'] });
    const uuid = newUuid(T0);
    expect((await blind.send(`${setValue(uuid)}?revenue=10&key=${'f'.repeat(40)}`)).status).toBe(403);
    expect((await blind.send(`${setValue(uuid)}?revenue=10&key=${blind.keys.derive(uuid)}`)).status).toBe(500);
  });

  it('14: GET, POST by query, form and JSON, and HEAD make the same change; PUT is 405', async () => {
    const ways: [string, (uuid: string, key: string) => Promise<Reply>][] = [
      ['GET', (uuid, key) => service.send(`${setValue(uuid)}?key=${key}&revenue=10.00`)],
      ['POST query', (uuid, key) => service.send(`${setValue(uuid)}?key=${key}&revenue=10.00`, { method: 'POST' })],
      ['POST form', (uuid, key) => post(uuid, `key=${key}&revenue=10.00`, FORM)],
      ['POST JSON text', (uuid, key) => post(uuid, JSON.stringify({ key, revenue: '10.00' }), JSON_TYPE)],
      ['POST JSON number', (uuid, key) => post(uuid, `{"key":"${key}","revenue":10.00}`, JSON_TYPE)],
      ['bearer', (uuid, key) => post(uuid, 'revenue=10.00', { ...FORM, authorization: `Bearer ${key}` })],
      ['HEAD', (uuid, key) => service.send(`${setValue(uuid)}?key=${key}&revenue=10.00`, { method: 'HEAD' })],
    ];
    for (const [name, send] of ways) {
      const call = await ended('A');
      const reply = await send(call.uuid, keyOf(call.uuid));
      expect([name, reply.status]).toEqual([name, 200]);
      if (name === 'HEAD') expect(reply.text).toBe('');
      else expect(reply.body).toMatchObject({ status: 'converted', revenue: '10.00', payout: '8.00' });
      expect([name, await call.money()]).toEqual([name, 'converted 10.00/8.00']);
      expect(await call.fired()).toEqual(['ended T0+10', 'converted T0+10']);
      expect((await call.record()).call.postback_value).toBe('10.00');
    }
    const call = await ended('A');
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const reply = await service.send(`${setValue(call.uuid)}?key=${keyOf(call.uuid)}&revenue=10`, { method });
      expect([method, reply.status, reply.headers.get('allow')]).toEqual([method, 405, 'GET, HEAD, POST']);
    }
    expect(await call.money()).toBe('pending 0.00/0.00');
  });

  it('a key given twice must agree', async () => {
    const call = await ended('A');
    const key = keyOf(call.uuid);
    const twice = (other: string) =>
      service.send(`${setValue(call.uuid)}?key=${key}&revenue=10`, { headers: { authorization: `Bearer ${other}` } });
    expect((await twice('f'.repeat(40))).status).toBe(400);
    expect(await call.money()).toBe('pending 0.00/0.00');
    expect((await twice(key)).status).toBe(200);
  });

  it.each(['purpose', 'sec-purpose', 'x-purpose', 'x-moz'])('a prefetch told by %s changes nothing', async (header) => {
    const call = await ended('A');
    const headers = { [header]: 'prefetch;prerender' };
    const reply = await service.send(`${setValue(call.uuid)}?key=${keyOf(call.uuid)}&revenue=10`, { headers });
    expect([reply.status, reply.body.status]).toEqual([200, 'ignored']);
    expect(await call.money()).toBe('pending 0.00/0.00');
  });

  it('a campaign set to POST only refuses GET and HEAD with 405', async () => {
    await service.configure({ postOnly: true });
    const call = await ended('A');
    const path = `${setValue(call.uuid)}?key=${keyOf(call.uuid)}&revenue=10`;
    for (const method of ['GET', 'HEAD']) {
      const reply = await service.send(path, { method });
      expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST']);
    }
    expect((await service.send(path, { method: 'POST' })).status).toBe(200);
    await service.configure();
  });

  it('410: a call removed by retention', async () => {
    const call = await endedCall(service.store, { buyer: 'C', endsAt: T0 - 400 * DAY });
    await service.store.purgeCalls({ endedBefore: T0 - 365 * DAY, limit: 10, now: T0 });
    expect((await service.postback(call.uuid, 'revenue=10')).status).toBe(410);
  });

  it.each([
    'abc',
    '1,000',
    '$5',
    '1e3',
    'NaN',
    '',
    '-1',
    '1.23456',
    '1000000.01',
    '0x10',
    ' 5',
    '٣',
    '1_000',
    'Infinity',
  ])('422: revenue "%s", state untouched, kept in the log', async (revenue) => {
    const call = await ended('A');
    const before = await stateOf(call);
    const reply = await service.postback(call.uuid, `revenue=${encodeURIComponent(revenue)}`);
    expect(reply).toMatchObject({ status: 422, body: { status: 422, code: 'postback_refused' } });
    expect(reply.headers.get('content-type')).toContain('application/problem+json');
    expect(await stateOf(call)).toEqual(before);
    expect((await call.record()).postbacks).toMatchObject([{ status: 'refused', http_status: 422, effect: 'none' }]);
  });

  it('400: two different revenues, bad UTF-8, over 100 parameters; logged, state untouched', async () => {
    const call = await ended('A');
    const before = await stateOf(call);
    const many = Array.from({ length: 101 }, (_, index) => `p${index}=1`).join('&');
    const queries = ['revenue=10&revenue=12', 'revenue=10&x=%ff', 'revenue=10&x=%00', `revenue=10&${many}`];
    for (const query of queries)
      expect([query, (await service.postback(call.uuid, query)).status]).toEqual([query, 400]);
    const broken = [`{"revenue":`, '[1]', '"x"', '{"revenue":{"a":1}}'];
    for (const body of broken) {
      const reply = await post(call.uuid, body, { ...JSON_TYPE, authorization: `Bearer ${keyOf(call.uuid)}` });
      expect([body, reply.status]).toEqual([body, 400]);
    }
    expect(await stateOf(call)).toEqual(before);
    const { postbacks } = await call.record();
    expect(postbacks.map(({ http_status }) => http_status)).toEqual([...queries, ...broken].map(() => 400));
    expect((await service.postback(call.uuid, 'revenue=10&revenue=10.00')).body.status).toBe('converted');
  });

  it('413: over 64 KiB, told or not; 415: a body of another type; both logged', async () => {
    const call = await ended('A');
    const headers = { authorization: `Bearer ${keyOf(call.uuid)}` };
    const fits = `revenue=10&x=${'x'.repeat(64 * 1024 - 13)}`;
    expect((await post(call.uuid, `${fits}y`, { ...FORM, ...headers })).status).toBe(413);
    expect(await chunked(call.uuid, `${fits}y`)).toContain('413');
    expect((await post(call.uuid, 'revenue=10', { 'content-type': 'text/plain', ...headers })).status).toBe(415);
    expect(await call.money()).toBe('pending 0.00/0.00');
    const { postbacks } = await call.record();
    expect(postbacks.map(({ http_status }) => http_status)).toEqual([413, 413, 415]);
    expect((await post(call.uuid, fits, { ...FORM, ...headers })).status).toBe(200);
  });

  it('503, never 200, when the database cannot serve: the buyer may send again', async () => {
    const failing = () => Promise.reject(new AppError('store_commit_failed', 'disk full'));
    const store = new Proxy(service.store, {
      get: (real, name) => (name === 'applyPostback' ? failing : real[name as 'getCall']),
    });
    await using broken = await startMoneyService({ store });
    const call = await ended('A');
    const reply = await broken.postback(call.uuid, 'revenue=10');
    expect(reply.status).toBe(503);
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(reply.text).not.toContain('disk full');
  });

  it('errors are problem details and never show the key', async () => {
    const call = await ended('A');
    const reply = await service.postback(call.uuid, 'revenue=abc');
    expect(Object.keys(reply.body)).toEqual(['type', 'title', 'status', 'code', 'detail']);
    expect(reply.text).not.toContain(keyOf(call.uuid));
  });
});

describe('triggers over the wire (semantics §5, §9)', () => {
  it.each([
    ['sale=true', 'converted'],
    ['Sale=true', 'recorded'],
    ['foo=1&sale=true', 'converted'],
    ['sale%3Dtrue', 'converted'],
    ['presale=true', 'recorded'],
  ])('8: B posts `%s` → %s, by GET and by form', async (query, status) => {
    for (const method of ['GET', 'POST']) {
      const call = await ended('B');
      const reply =
        method === 'GET'
          ? await service.postback(call.uuid, query)
          : await post(call.uuid, `key=${keyOf(call.uuid)}&${query}`, FORM);
      expect(reply.body.status).toBe(status);
      expect(await call.money()).toBe(status === 'converted' ? 'converted 50.00/30.00' : 'pending 0.00/0.00');
    }
  });

  it('8: `presale=true` converts in substring mode', async () => {
    await service.configure({ conversionGroups: [withTrigger('sale=true')] });
    const call = await ended('B');
    expect((await service.postback(call.uuid, 'presale=true')).body.status).toBe('converted');
    await service.configure();
  });

  it("9: a key or uuid that holds the trigger's letters converts nothing; `value` does not match the path", async () => {
    const of: ((call: AcceptanceCall) => string)[] = [
      ({ uuid }) => keyOf(uuid).slice(0, 6),
      ({ uuid }) => keyOf(uuid),
      ({ uuid }) => `key=${keyOf(uuid).slice(0, 3)}`,
      ({ uuid }) => uuid.slice(0, 8),
      ...['value', 'calls', 'key', '127.0.0.1', 'Bearer'].map((text) => () => text),
    ];
    for (const trigger of of) {
      const call = await new AcceptanceCall(service.store, { buyer: 'B' }).connect();
      const [text, key] = [trigger(call), keyOf(call.uuid)];
      await service.configure({ conversionGroups: [withTrigger(text)] });
      await call.end();
      for (const send of [
        () => service.postback(call.uuid, 'x=1'),
        () => post(call.uuid, `key=${key}&x=1`, FORM),
        () => post(call.uuid, JSON.stringify({ key, x: '1' }), JSON_TYPE),
        () => post(call.uuid, 'x=1', { ...FORM, authorization: `Bearer ${key}` }),
        () => service.send(`${setValue(call.uuid)}?%6Bey=${key}&x=1`),
      ]) {
        expect([text, (await send()).body.status]).toEqual([text, 'recorded']);
      }
      const sale = await service.postback(call.uuid, `x=${encodeURIComponent(text)}`);
      expect([text, sale.body.status]).toEqual([text, 'converted']);
    }
    await service.configure();
  });

  it('10: a static revenue wins over a posted one, which is kept', async () => {
    const call = await ended('B');
    const reply = await service.postback(call.uuid, 'sale=true&revenue=99');
    expect(reply.body).toMatchObject({ status: 'converted', revenue: '50.00', payout: '30.00' });
    expect((await call.record()).call.postback_value).toBe('99');
  });
});

describe('add_tags over the wire (semantics §5, §9)', () => {
  it('15: keeps sets, adds again, ignores what is ours, and the group stays', async () => {
    const call = await new AcceptanceCall(service.store, { buyer: 'B' }).connect();
    const add = async (query: string) => (await service.postback(call.uuid, query, 'add_tags')).body;
    expect(await add('a=1&a=1&a=2&b=')).toMatchObject({ status: 'tagged', added: ['a:1', 'a:2'], ignored: ['b'] });
    expect(await add('a=3')).toMatchObject({ added: ['a:3'], ignored: [] });
    expect(await add('system_buyer_id=A')).toMatchObject({ status: 'unchanged', ignored: ['system_buyer_id'] });
    const tags = (await call.record()).tags.filter(({ name }) => name === 'a').map(({ value }) => value);
    expect(tags).toEqual(['1', '2', '3']);
    await call.end();
    expect((await call.record()).call.group_id).toBe('group-2');
  });

  it('22: values with &, #, blanks, non-ASCII and [call_key] arrive as they were meant', async () => {
    const call = await ended('C');
    const value = 'a & b # ü 漢 [call_key] %20';
    const reply = await service.postback(call.uuid, `x=${encodeURIComponent(value)}`, 'add_tags');
    expect(reply.body.added).toEqual([`x:${value}`]);
    const json = await service.send(`/calls/${call.uuid}/add_tags`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${keyOf(call.uuid)}` },
      body: JSON.stringify({ y: [value, 'z'], n: 1.5, t: true, nothing: null }),
    });
    expect(json.body).toMatchObject({ added: [`y:${value}`, 'y:z', 'n:1.5', 't:true'], ignored: ['nothing'] });
  });
});

function post(uuid: string, body: string, headers: Record<string, string>): Promise<Reply> {
  return service.send(setValue(uuid), { method: 'POST', body, headers });
}

function withTrigger(text: string): ConversionGroup {
  return { ...(TRIGGER as TriggerGroup), triggers: [{ text, mode: 'substring', revenue: '50', payout: '30' }] };
}

/** A body whose length is not told; the raw answer. */
function chunked(uuid: string, body: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  const head = [
    `POST ${setValue(uuid)} HTTP/1.1`,
    `Host: ${hostname}`,
    `Authorization: Bearer ${keyOf(uuid)}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Transfer-Encoding: chunked',
    'Connection: close',
  ];
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = createConnection(Number(port), hostname);
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('end', () => resolve(answer)).on('error', reject);
    socket.write(`${head.join('\r\n')}\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
  });
}
