import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

let service: MoneyService;
beforeAll(async () => {
  service = await startMoneyService({ trustedProxies: undefined });
});
afterAll(() => service[Symbol.asyncDispose]());

const trial = (body: object) =>
  service.send('/api/v1/conversion-groups/test', {
    method: 'POST',
    body: JSON.stringify({ campaign_id: 'auto', ...body }),
    headers: { 'content-type': 'application/json' },
  });

describe('POST /api/v1/conversion-groups/test', () => {
  it.each([
    [
      'A, revenue',
      { buyer_id: 'A', query: 'revenue=10.00' },
      { conversion_group_id: 'group-1', revenue: '10.00', payout: '8.00' },
    ],
    ['A, revenue in the body', { buyer_id: 'A', body: 'revenue=10.00' }, { revenue: '10.00', payout: '8.00' }],
    ['A, nothing', { buyer_id: 'A' }, { converted: false, reason: 'nothing is posted' }],
    [
      'A by its tag',
      { tags: { system_buyer_id: ['A'] }, query: 'revenue=1' },
      { conversion_group_id: 'group-1', payout: '0.80' },
    ],
    ['B, trigger', { buyer_id: 'B', query: 'foo=1&sale=true' }, { revenue: '50.00', payout: '30.00' }],
    ['B, trigger in the key', { buyer_id: 'B', query: 'key=sale=true' }, { converted: false }],
    [
      'C, 90 s',
      { buyer_id: 'C', connected_seconds: 90 },
      { conversion_group_id: 'group-3', revenue: '20.00', payout: '10.00' },
    ],
    ['C, 89.999 s', { buyer_id: 'C', connected_seconds: 89.999 }, { converted: false }],
  ])('%s', async (_, body, expected) => expect((await trial(body)).body).toMatchObject(expected));

  it("tells each group's first unmet condition and each step of the modifier", async () => {
    const { body } = await trial({ buyer_id: 'B', query: 'sale=true' });
    expect(body.groups).toMatchObject([
      { id: 'group-1', fits: 'no', unmet: expect.stringContaining('system_buyer_id==A') },
      { id: 'group-2', fits: 'yes', unmet: null },
      { id: 'group-3', fits: 'not_asked', unmet: null },
    ]);
    expect((await trial({ buyer_id: 'A', query: 'revenue=10' })).body.steps).toEqual([
      'revenue 10.00 posted',
      '10.00 * 0.8 = 8',
      'payout 8.00',
    ]);
  });

  it('refuses what cannot be read', async () => {
    expect((await trial({ buyer_id: 'A', query: 'revenue=$5' })).body).toMatchObject({
      status: 422,
      code: 'revenue_invalid',
    });
    expect((await trial({ campaign_id: 'x' })).body).toMatchObject({
      status: 404,
      detail: expect.stringContaining('auto'),
    });
    expect((await trial({ connected_seconds: -1 })).status).toBe(422);
  });

  it('agrees with real calls', async () => {
    const { endedCall } = await import('../support/acceptance-calls.ts');
    for (const [buyer, query] of [
      ['A', 'revenue=12.34'],
      ['A', 'x=1'],
      ['B', 'sale=true&revenue=3'],
      ['B', 'presale=true'],
      ['C', 'revenue=5'],
    ] as const) {
      const call = await endedCall(service.store, { buyer, talkedSeconds: 60 });
      await service.postback(call.uuid, query);
      const { body } = await trial({ buyer_id: buyer, query, connected_seconds: 60 });
      expect((await call.money()).split(' ')[1]).toBe(`${body.revenue}/${body.payout}`);
    }
  });
});

it('npm run conversion says the same on the command line', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['src/cli/bridge.ts', 'conversion', ...args], {
      env: { PATH: process.env['PATH'], ACCOUNT_FILE: 'account.example.yaml' },
    });
  const { stdout } = await run('--campaign', 'auto-insurance', '--buyer', 'acme', '--query', 'revenue=10.00');
  expect(stdout).toContain('Conversion: revenue 10.00, payout 8.00');
  expect(stdout).toMatch(/acme-sales .*decides/);
  expect(stdout).toContain('  10.00 * 0.8 = 8');
  const json = await run('--campaign', 'auto-insurance', '--buyer', 'bestco', '--query', 'x=1', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject({ converted: false, conversion_group_id: 'bestco-sales' });
  await expect(run('--campaign', 'x')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('auto-insurance'),
  });
});
