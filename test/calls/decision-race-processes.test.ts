import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { type AcceptanceCall, acceptanceAccount, DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import type { Race } from '../support/money/racer.ts';

const DEADLINE = T0 + 600 * SECOND;
const ROUNDS = 60;
/** Long enough for a message to reach both processes. */
const AHEAD_MS = 15;

let folder: string;
let open: OpenStore<Operations>;
let racers: ChildProcess[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'race-'));
  const file = join(folder, 'calls.sqlite');
  open = await openSqliteStore<Operations>({ file, operations: new URL('../../src/operations.ts', import.meta.url) });
  await open.operations.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
  const program = new URL('../support/money/racer.ts', import.meta.url).pathname;
  racers = [0, 1, 2].map(() => fork(program, [file]));
  await Promise.all(racers.map(next));
});
afterAll(async () => {
  for (const racer of racers) racer.kill();
  await open.close();
  rmSync(folder, { recursive: true });
});

function next(racer: ChildProcess): Promise<{ error?: string }> {
  return new Promise((resolve) => racer.once('message', resolve));
}

/** All at the same millisecond, each in its process, shifted by the delays. */
async function race(races: readonly Omit<Race, 'startAt'>[], delays: readonly number[]): Promise<void> {
  const start = Date.now() + AHEAD_MS;
  const answers = races.map((each, index) => {
    const racer = racers[index]!;
    const answer = next(racer);
    racer.send({ ...each, startAt: start + (delays[index] ?? 0) });
    return answer;
  });
  expect((await Promise.all(answers)).map(({ error }) => error)).toEqual(races.map(() => undefined));
}

async function firedOf(call: AcceptanceCall): Promise<string[]> {
  const { deliveries } = await call.record();
  return deliveries
    .map(({ trigger }) => trigger)
    .filter((trigger) => ['ended', 'converted', 'not_converted'].includes(trigger))
    .sort();
}

it('line 6: postback against two sweepers in three processes, in every order: never two of a kind', async () => {
  const outcomes = { onTime: 0, late: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const call = await endedCall(open.operations, { buyer: 'A' });
    const query = 'revenue=10';
    const request = {
      uuid: call.uuid,
      method: 'GET',
      sourceAddress: '203.0.113.7',
      parameters: [['revenue', '10']],
      rawText: query,
    };
    const sweep = { operation: 'expireWindows', input: { now: DEADLINE, limit: 1000 } } as const;
    const post = { operation: 'applyPostback', input: { ...request, now: DEADLINE } } as const;
    await race(
      [post, sweep, sweep],
      [
        [0, 0, 0],
        [2, 0, 1],
        [0, 2, 2],
      ][round % 3]!,
    );
    expect(await call.money()).toBe('converted 10.00/8.00');
    const { call: row, ledger } = await call.record();
    expect(ledger).toHaveLength(1);
    expect(await firedOf(call)).toEqual(
      row.late === 1 ? ['converted', 'ended', 'not_converted'] : ['converted', 'ended'],
    );
    outcomes[row.late === 1 ? 'late' : 'onTime'] += 1;
  }
  expect(Math.min(outcomes.onTime, outcomes.late)).toBeGreaterThan(0);
}, 60_000);
