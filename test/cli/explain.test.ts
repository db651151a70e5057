import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SkippedBuyer } from '../../src/domain/routing.ts';
import type { RoutingTrace } from '../../src/domain/routing-trace.ts';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { accountWithCaps, ReservingCall } from '../support/reserving-calls.ts';
import { lines, runCli } from '../support/run-cli.ts';

const NOW = Date.parse('2026-11-01T08:30:00Z');

let folder: string;
let store: OpenStore<Operations>;
let answered: ReservingCall;
let lost: ReservingCall;

const run = (...args: string[]) => runCli('explain', args, { DATA_DIR: folder }, folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'explain-test-'));
  store = await openSqliteStore<Operations>({
    file: join(folder, 'bridge.sqlite'),
    operations: new URL('../../src/operations.ts', import.meta.url),
  });
  const { operations } = store;
  await operations.applyAccount({ account: accountWithCaps({ A: [], B: [], C: [] }), now: NOW });

  answered = new ReservingCall(operations, { now: NOW });
  await answered.begin([{ name: 'state', value: 'CA', source: 'number' }]);
  const skip = (buyerId: string): SkippedBuyer => ({ buyerId, reason: 'paused', detail: 'the buyer is paused' });
  const trace: RoutingTrace = {
    candidates: [
      { buyerIds: ['A'], priority: 1, weight: 1, isPreviousBuyer: true },
      { buyerIds: ['B'], priority: 2, weight: 5 },
    ],
    candidatesLeftOut: 3,
    skipped: [skip('C')],
    skippedLeftOut: { outside_opening_hours: 7, paused: 2 },
    answers: [
      { webhookId: 'crm', trigger: 'start', elapsedMs: 41, tags: [{ name: 'income', value: '72000' }] },
      { webhookId: 'dnc', trigger: 'start', elapsedMs: 300, tags: [], problem: 'no answer within 300 ms' },
    ],
  };
  await operations.recordRouting({ callUuid: answered.uuid, trace, now: NOW });
  await answered.dial('A', NOW + 100);
  await answered.fail(NOW + 2_600);
  await answered.dial('B', NOW + 2_700);
  await answered.answer('B', NOW + 6_700);
  await answered.end(NOW + 66_700);

  lost = new ReservingCall(operations, { now: NOW + 1 });
  await lost.begin();
});

afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

describe('npm run explain', () => {
  it('shows candidates, attempts with status and ring time, and who was left out', async () => {
    const { status, output, errors } = await run(answered.uuid, '--zone', 'America/New_York');
    expect([status, errors]).toEqual([0, '']);
    expect(lines(output)).toEqual(
      expect.arrayContaining([
        `call ${answered.uuid}`,
        'caller +14155550001, by carrier carrier',
        expect.stringMatching(/^tags (?=.*state=CA)(?=.*system_buyer_id=B)/),
        'start Sun 2026-11-01 03:30 -05:00 America/New_York',
        'B took it, talked 60.0 s, ended by caller: completed (caller_hung_up).',
        'crm start 41 ms income=72000',
        'dnc start 300 ms nothing no answer within 300 ms',
        '1 A 1 1 had this caller before',
        '2 B 2 5',
        'and 3 more',
        '1 A sip:A@buyer.example 486 2.5 s Busy Here',
        '2 B sip:B@buyer.example 200 4.0 s',
        'C paused the buyer is paused',
        'and 9 more: 7 outside opening hours, 2 paused',
      ]),
    );
  });

  it('--json is for programs', async () => {
    const { status, output } = await run(answered.uuid, '--json');
    expect(status).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      call_uuid: answered.uuid,
      buyer_id: 'B',
      outcome: 'completed',
      routing: {
        time: '2026-11-01T08:30:00.000Z',
        candidates: [
          { buyer_ids: ['A'], priority: 1, weight: 1, previous_buyer: true },
          { buyer_ids: ['B'], priority: 2, weight: 5, previous_buyer: false },
        ],
        candidates_left_out: 3,
        skipped: [{ buyer_id: 'C', reason: 'paused', detail: 'the buyer is paused' }],
        skipped_left_out: { outside_opening_hours: 7, paused: 2 },
      },
      attempts: [
        { buyer_id: 'A', sip_status: 486, reason: 'Busy Here', ring_seconds: 2.5 },
        { buyer_id: 'B', ring_seconds: 4 },
      ],
    });
  });

  it('of a call that is just arriving it says so', async () => {
    const { status, output } = await run(lost.uuid);
    expect(status).toBe(0);
    expect(lines(output)).toEqual(
      expect.arrayContaining(['Nobody took it, still going on.', 'It was never routed.', 'Nobody was dialled.']),
    );
  });

  it.each([
    ['no uuid', [], "missing required argument 'uuid'"],
    ['a uuid that is none', ['abc'], '"abc" is not the uuid of a call: GET /api/v1/calls lists them'],
    [
      'an unknown call',
      ['0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60'],
      'there is no call 0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60 in',
    ],
    ['a zone that is none', ['0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60', '--zone', 'x'], 'there is no time zone "x"'],
  ])('refuses %s with the remedy, and status 1', async (_, args, message) => {
    const { status, output, errors } = await run(...args);
    expect(errors).toContain(message);
    expect([status, output]).toEqual([1, '']);
  });

  it('says when there is no database', async () => {
    const { status, errors } = await runCli('explain', [lost.uuid], { DATA_DIR: join(folder, 'none') }, folder);
    expect(errors).toMatch(/there is no database .*none\/bridge\.sqlite: set DATA_DIR/);
    expect(status).toBe(1);
  });
});
