import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endedCall } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

const SIZES = { perSource: { burst: 50, perSecond: 1 }, failed: { burst: 5, perSecond: 0.5 } };
const STRANGER = '198.51.100.1';
const BUYER = '203.0.113.7';

let service: MoneyService;
beforeEach(async () => {
  service = await startMoneyService({ limits: SIZES });
});
afterEach(() => service[Symbol.asyncDispose]());

const guess = (uuid: string, index: number, from: string) =>
  service.send(`/calls/${uuid}/set_value?revenue=10&key=${index.toString(16).padStart(40, '0')}`, { from });

async function guesses(uuid: string, count: number, from: (index: number) => string): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1) statuses.push((await guess(uuid, index, from(index))).status);
  return statuses;
}

describe('rate limits of postbacks (semantics §3)', () => {
  it('a source that sends too much is told to wait, and for how long; others are not', async () => {
    const call = await endedCall(service.store, { buyer: 'A' });
    const path = `/calls/${call.uuid}/set_value?key=${service.keys.derive(call.uuid)}&x=1`;
    const replies = [];
    for (let index = 0; index < 52; index += 1) replies.push(await service.send(path, { from: STRANGER }));
    expect(replies.map(({ status }) => status).filter((status) => status === 429)).toHaveLength(2);
    expect(replies.at(-1)).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(replies.at(-1)?.headers.get('retry-after')).toBe('1');
    expect((await service.send(path, { from: BUYER })).status).toBe(200);
    service.clock.at += 1_000;
    expect((await service.send(path, { from: STRANGER })).status).toBe(200);
  });

  it('an IPv6 network counts as one source', async () => {
    const call = await endedCall(service.store, { buyer: 'A' });
    expect(await guesses(call.uuid, 7, (index) => `2001:db8::${index + 1}`)).toEqual([
      403, 403, 403, 403, 403, 429, 429,
    ]);
  });

  it('nobody can guess: wrong keys of one source, and for one uuid from many sources, are refused 429', async () => {
    const [one, two] = [await endedCall(service.store, { buyer: 'A' }), await endedCall(service.store, { buyer: 'A' })];
    expect(await guesses(one.uuid, 8, () => STRANGER)).toEqual([403, 403, 403, 403, 403, 429, 429, 429]);
    expect(await guesses(two.uuid, 8, (index) => `192.0.2.${index + 1}`)).toEqual([
      403, 403, 403, 403, 403, 429, 429, 429,
    ]);
  });

  it('nobody can lock the right key out: it works at once, from elsewhere and even from the same source', async () => {
    const call = await endedCall(service.store, { buyer: 'A' });
    await guesses(call.uuid, 20, (index) => `192.0.2.${index + 1}`);
    await guesses(call.uuid, 20, () => STRANGER);
    expect((await guess(call.uuid, 1, BUYER)).status).toBe(429);
    const path = `/calls/${call.uuid}/set_value?key=${service.keys.derive(call.uuid)}&revenue=10`;
    expect((await service.send(path, { from: BUYER })).body.status).toBe('converted');
    expect((await service.send(path, { from: STRANGER })).body.status).toBe('unchanged');
  });

  it('a header that names another source is believed from trusted proxies alone', async () => {
    await using open = await startMoneyService({ limits: SIZES, trustedProxies: ['10.0.0.0/8'] });
    const call = await endedCall(open.store, { buyer: 'A' });
    const statuses = [];
    for (let index = 0; index < 6; index += 1) {
      const path = `/calls/${call.uuid}/set_value?revenue=10&key=${index.toString().padStart(40, '0')}`;
      statuses.push((await open.send(path, { from: `192.0.2.${index}` })).status);
    }
    expect(statuses.at(-1)).toBe(429);
  });

  it('wrong tokens of postback URLs and their pages count like wrong keys', async () => {
    const statuses = [];
    for (let index = 0; index < 6; index += 1) {
      const path = index % 2 === 0 ? '/postbacks/' : '/postback-instructions/';
      statuses.push(
        (await service.send(`${path}${String(index).padStart(52, 'A')}?revenue=1`, { from: STRANGER })).status,
      );
    }
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
  });
});
