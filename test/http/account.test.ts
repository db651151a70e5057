import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkAccount } from '../../src/account/load-account.ts';
import type { AccountDocument, WrittenEntity } from '../../src/domain/account-document.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

const example: AccountDocument = parse(readFileSync('account.example.yaml', 'utf8'));
const secretive: AccountDocument = {
  ...example,
  carriers: [
    ...(example.carriers ?? []),
    { id: 'roaming', name: 'Roaming', login: { username: 'roaming', password: 'correct horse battery' } },
  ],
};

let service: MoneyService;
let takenOver = 0;

const start = async (accountSource: 'file' | 'database' = 'database', document = secretive) => {
  takenOver = 0;
  service = await startMoneyService({
    accountSource,
    accountChanged: async () => {
      takenOver += 1;
    },
    own: () => ({ addresses: ['192.0.2.1'], ports: [5060] }),
  });
  await service.store.applyAccount({ account: checkAccount(document), document, now: service.clock.at });
};
const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  service.send(`/api/v1${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const etag = async (path: string) => (await send('GET', path)).headers.get('etag') ?? '';
const readOnlyToken = async () =>
  (await send('POST', '/api-tokens', { name: 'r', role: 'read_only' })).body.token_shown_once as string;

beforeEach(() => start());
afterEach(() => service[Symbol.asyncDispose]());

const NEW_BUYER = { id: 'sunny', name: 'Sunny Solar', destinations: ['sip:calls@198.51.100.9'] };

describe('the account, thing by thing', () => {
  it('lists and shows what was written', async () => {
    const { buyers } = (await send('GET', '/buyers')).body;
    expect(buyers.map(({ id }: WrittenEntity) => id)).toEqual(['acme', 'bestco']);
    expect((await send('GET', '/buyers/acme')).body).toEqual(example.buyers?.[0]);
    expect((await send('GET', '/numbers/%2B18005550100')).body).toEqual(example.numbers?.[0]);
    expect((await send('GET', '/buyers/nobody')).body).toMatchObject({
      status: 404,
      detail: 'There is no buyer nobody.',
    });
  });

  it('adds, changes and removes; calls are routed by it before the answer comes', async () => {
    const added = await send('POST', '/buyers', NEW_BUYER);
    expect(added.status, added.text).toBe(201);
    expect(added.headers.get('location')).toBe('/api/v1/buyers/sunny');
    expect(takenOver).toBe(1);
    expect((await send('POST', '/buyers', NEW_BUYER)).body).toMatchObject({ status: 409, code: 'already_there' });

    const changed = { ...NEW_BUYER, name: 'Sunnier Solar', ring_timeout_seconds: 15 };
    const replaced = await send('PUT', '/buyers/sunny', changed, { 'if-match': added.headers.get('etag')! });
    expect(replaced.body).toEqual(changed);
    expect((await send('GET', '/buyers/sunny')).body).toEqual(changed);

    const removed = await send('DELETE', '/buyers/sunny', undefined, { 'if-match': replaced.headers.get('etag')! });
    expect(removed.status).toBe(200);
    expect((await send('GET', '/buyers/sunny')).status).toBe(404);
    expect(takenOver).toBe(3);
  });

  it('overwrites nothing that the writer has not read', async () => {
    const old = await etag('/buyers/acme');
    const acme = (await send('GET', '/buyers/acme')).body;
    expect((await send('PUT', '/buyers/acme', { ...acme, name: 'First' }, { 'if-match': old })).status).toBe(200);
    const late = await send('PUT', '/buyers/acme', { ...acme, name: 'Second' }, { 'if-match': old });
    expect(late.body).toMatchObject({ status: 412, code: 'match_failed' });
    expect((await send('PUT', '/buyers/acme', acme)).body).toMatchObject({ status: 428, code: 'match_missing' });
    expect((await send('GET', '/buyers/acme')).body.name).toBe('First');
    expect((await send('PUT', '/buyers/acme', acme, { 'if-match': '*' })).status).toBe(200);
  });

  it.each([
    [
      'a setting nobody knows',
      'POST',
      '/buyers',
      { ...NEW_BUYER, colour: 'red' },
      'buyers[2].colour: is not a setting',
    ],
    ['no destination', 'POST', '/buyers', { id: 'x', name: 'X', destinations: [] }, 'buyers[2].destinations'],
    ['a route to nobody', 'POST', '/campaigns', { id: 'y', name: 'Y', routes: [{ buyer: 'nobody' }] }, 'nobody'],
    ['our own address', 'POST', '/buyers', { ...NEW_BUYER, destinations: ['sip:a@192.0.2.1:5060'] }, '192.0.2.1'],
    ['another id', 'PUT', '/buyers/acme', { ...NEW_BUYER }, 'keeps its id'],
    ['a buyer that routes lead to', 'DELETE', '/buyers/acme', undefined, 'acme'],
    ['the last number', 'DELETE', '/numbers/%2B18005550100', undefined, 'at least one number'],
    ['a list', 'POST', '/buyers', [NEW_BUYER], 'must be a JSON object'],
  ])('refuses %s and changes nothing', async (_, method, path, body, detail) => {
    const before = (await send('GET', '/account')).body;
    const reply = await send(method, path, body, method === 'POST' ? {} : { 'if-match': '*' });
    expect([400, 422]).toContain(reply.status);
    expect(reply.body.detail).toContain(detail);
    expect((await send('GET', '/account')).body).toEqual(before);
    expect(takenOver).toBe(0);
  });

  it('of two writers at the same time one is told to read again', async () => {
    const replies = await Promise.all(['one', 'two'].map((id) => send('POST', '/buyers', { ...NEW_BUYER, id })));
    const statuses = replies.map(({ status }) => status).sort();
    expect([
      [201, 201],
      [201, 409],
    ]).toContainEqual(statuses);
    const { buyers } = (await send('GET', '/buyers')).body;
    expect(buyers).toHaveLength(2 + statuses.filter((status) => status === 201).length);
  });

  it('is changed in the file where it is kept in one', async () => {
    await service[Symbol.asyncDispose]();
    await start('file');
    const reply = await send('POST', '/buyers', NEW_BUYER);
    expect(reply.body).toMatchObject({ status: 409, code: 'account_in_file' });
    expect(reply.body.detail).toContain('ACCOUNT_SOURCE=database');
    expect((await send('GET', '/buyers')).body.buyers).toHaveLength(2);
  });
});

describe('passwords of the account', () => {
  it('are shown to those who may see secrets', async () => {
    const token = await readOnlyToken();
    expect((await send('GET', '/carriers/roaming')).body.login.password).toBe('correct horse battery');
    const masked = await send('GET', '/carriers/roaming', undefined, { authorization: `Bearer ${token}` });
    expect(masked.body.login).toEqual({ username: 'roaming', password: '[masked]' });
    const whole = await send('GET', '/account', undefined, { authorization: `Bearer ${token}` });
    expect(whole.text).not.toContain('correct horse battery');
  });

  it('stay when something is sent back as it was shown masked', async () => {
    const body = { id: 'roaming', name: 'Roamer', login: { username: 'roaming', password: '[masked]' } };
    await send('PUT', '/carriers/roaming', body, { 'if-match': '*' });
    expect((await send('GET', '/carriers/roaming')).body).toMatchObject({
      name: 'Roamer',
      login: { password: 'correct horse battery' },
    });
  });

  it('never move to another address, and are never stored as their mask', async () => {
    const login = (password: string) => ({ username: 'us', password });
    const to = (host: string, password: string) => ({ uri: `sip:calls@${host}`, login: login(password) });
    const destinations = [to('198.51.100.1', 'first secret'), to('198.51.100.2', 'second secret')];
    await send('POST', '/buyers', { ...NEW_BUYER, destinations });
    const put = (list: unknown) =>
      send('PUT', '/buyers/sunny', { ...NEW_BUYER, destinations: list }, { 'if-match': '*' });
    const masked = [to('198.51.100.2', '[masked]'), to('198.51.100.1', '[masked]')];
    expect((await put(masked)).status).toBe(200);
    expect((await send('GET', '/buyers/sunny')).body.destinations).toEqual([...destinations].reverse());
    for (const list of [
      [to('203.0.113.9', '[masked]')],
      [to('198.51.100.1', 'first secret'), to('203.0.113.9', '[masked]')],
    ]) {
      expect((await put(list)).body).toMatchObject({
        status: 422,
        detail: expect.stringContaining('is not known: write it'),
      });
    }
    const created = await send('POST', '/buyers', { ...NEW_BUYER, id: 'other', destinations: masked });
    expect(created.body).toMatchObject({ status: 422, code: 'fields_invalid' });
  });

  it('stay with their carrier when the whole account comes back masked in another order', async () => {
    const token = (
      await send('POST', '/api-tokens', { name: 'w', role: 'operator', scopes: ['account:read', 'account:write'] })
    ).body.token_shown_once as string;
    const authorization = `Bearer ${token}`;
    const shown = await send('GET', '/account', undefined, { authorization });
    const turned = { ...shown.body, carriers: [...shown.body.carriers].reverse(), currency: 'EUR' };
    const reply = await send('PUT', '/account', turned, { authorization, 'if-match': '*' });
    expect(reply.body.differences).toMatchObject([{ id: 'account', change: 'changed' }]);
    expect((await send('GET', '/carriers/roaming')).body.login.password).toBe('correct horse battery');
  });

  it('are in no log of changes', async () => {
    await send('PUT', '/carriers/roaming', { ...secretive.carriers?.[1], name: 'Roamer' }, { 'if-match': '*' });
    const { changes } = (await send('GET', '/changes')).body;
    expect(changes[0]).toMatchObject({ action: 'account', actor: 'this machine', source_address: '127.0.0.1' });
    expect(changes[0].detail).toEqual([
      {
        ...{ kind: 'carrier', id: 'roaming', change: 'changed' },
        before: { id: 'roaming', name: 'Roaming', login: { username: 'roaming', password: '[masked]' } },
        after: { id: 'roaming', name: 'Roamer', login: { username: 'roaming', password: '[masked]' } },
      },
    ]);
  });
});

describe('the account as a whole', () => {
  it('comes as JSON or as an account file, and goes back', async () => {
    const yaml = await send('GET', '/account', undefined, { accept: 'application/yaml' });
    expect(yaml.headers.get('content-type')).toContain('application/yaml');
    const document = parse(yaml.text);
    expect(document.buyers).toEqual(example.buyers);
    expect(checkAccount(document).buyers).toEqual(checkAccount(secretive).buyers);
    const reply = await send('PUT', '/account', document, { 'if-match': yaml.headers.get('etag')! });
    expect(reply.body).toEqual({ applied: true, differences: [] });
  });

  it.each([
    ['buyers', null],
    ['buyers', 'acme'],
    ['buyers', [null]],
    ['carriers', [5]],
    ['numbers', [['+18005550100']]],
    ['campaigns', { id: 'auto-insurance' }],
  ])('is refused with %s written as %j, naming them', async (list, value) => {
    const before = (await send('GET', '/account')).body;
    for (const path of ['/account?plan=yes', '/account']) {
      const { status, body } = await send('PUT', path, { ...secretive, [list]: value }, { 'if-match': '*' });
      expect(status).toBe(422);
      expect(body.detail).toContain(list);
    }
    expect((await send('GET', '/account')).body).toEqual(before);
  });

  it('tells what would change before it does', async () => {
    const wanted = { ...secretive, time_zone: 'America/New_York', buyers: [...(example.buyers ?? []), NEW_BUYER] };
    const plan = await send('PUT', '/account?plan=yes', wanted);
    expect(plan.body.applied).toBe(false);
    expect(plan.body.differences).toMatchObject([
      { list: 'account', change: 'changed', after: { time_zone: 'America/New_York' } },
      { list: 'buyers', id: 'sunny', change: 'added', before: null },
    ]);
    expect((await send('GET', '/buyers')).body.buyers).toHaveLength(2);
    const done = await send('PUT', '/account', wanted, { 'if-match': plan.headers.get('etag')! });
    expect(done.body.differences).toEqual(plan.body.differences);
    expect((await send('GET', '/account')).body).toMatchObject({ time_zone: 'America/New_York' });
    const again = await send('PUT', '/account', secretive, { 'if-match': plan.headers.get('etag')! });
    expect(again.body).toMatchObject({ status: 412 });
  });

  it('says what is wrong with it', async () => {
    const reply = await send('PUT', '/account?plan=yes', { ...secretive, buyers: [] });
    expect(reply.body).toMatchObject({ status: 422, code: 'fields_invalid' });
    expect(reply.body.detail).toContain('buyers: list at least one buyer');
  });
});
