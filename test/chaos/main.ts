import { parseArgs } from 'node:util';
import { startTable } from '../../bench/table.ts';
import { exitOnSignal } from '../support/exit-on-signal.ts';
import { traceCommits } from './fsync-order.ts';
import { type Broken, PROMISES, type PromiseName } from './promises.ts';
import { type ChaosReport, runChaos } from './run-chaos.ts';
import { whyNoTrace } from './system-calls.ts';

const usage = `Usage: npm run chaos [-- --rounds <n>] [--seconds <n>] [--seed <n>]
       npm run chaos -- --fsync

Runs the real service on 127.0.0.1 under calls, postbacks and webhooks, kills it with SIGKILL at random points, starts it
again on the same data, and checks that nothing is lost and nothing happened twice. Exit code 1 when a promise is broken.

  --rounds   kills, 50 unless told, 2000 at most
  --seconds  no round begins later than this, 180 unless told, 3600 at most
  --seed     of all chance, shown at the start
  --fsync    instead of all this, traces the system calls of 200 postbacks: has each commit reached the disk before its 200 left?`;

const MOST = { rounds: 2_000, seconds: 3_600 };
const MOST_SHOWN = 20;
const TRACED_POSTBACKS = 200;

function readNumber(text: string | undefined, fallback: number, most: number): number {
  const value = Number(text ?? fallback);
  if (!(value >= 1 && value <= most)) throw new Error(usage);
  return Math.floor(value);
}

function judge(report: ChaosReport): void {
  const { rounds, calls, keysHandedOut, answered, acknowledged, webhooks, broken } = report;
  console.log(
    `\n${rounds} kills, ${calls} calls placed, ${keysHandedOut} keys handed out, ${answered} calls answered, ` +
      `${acknowledged} postbacks acknowledged, ${webhooks} webhooks received`,
  );
  const table = startTable('Promises', [
    ['broken', 6],
    ['promise', 0],
  ]);
  for (const name of Object.keys(PROMISES) as PromiseName[]) {
    table.row(broken.filter(({ promise }) => promise === name).length, PROMISES[name]);
  }
  showBroken(broken);
}

function showBroken(broken: readonly Broken[]): void {
  for (const { promise, what } of broken.slice(0, MOST_SHOWN)) console.log(`BROKEN  ${PROMISES[promise]}: ${what}`);
}

/** True if each of them was synced before it was answered. */
async function judgeCommits(): Promise<boolean> {
  const obstacle = whyNoTrace();
  if (obstacle !== undefined) throw new Error(`cannot look: ${obstacle}`);
  const orders = await traceCommits(TRACED_POSTBACKS);
  const early = orders.filter(({ written, synced, answered }) => !isInOrder(written, synced, answered));
  const table = startTable('System calls of postbacks', [
    ['traced', 6],
    ['written, synced, then answered', 31],
    ['answered too early', 18],
  ]);
  table.row(orders.length, orders.length - early.length, early.length);
  for (const order of early.slice(0, MOST_SHOWN)) console.log(`BROKEN  ${JSON.stringify(order)}`);
  return early.length === 0;
}

function isInOrder(...lines: readonly (number | undefined)[]): boolean {
  return lines.every((line, index) => line !== undefined && line > (lines[index - 1] ?? -1));
}

async function main(): Promise<void> {
  exitOnSignal();
  const { values } = parseArgs({
    options: {
      ...{ rounds: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
      fsync: { type: 'boolean' },
    },
  });
  if (values.fsync === true) process.exit((await judgeCommits()) ? 0 : 1);
  const rounds = readNumber(values.rounds, 50, MOST.rounds);
  const seconds = readNumber(values.seconds, 180, MOST.seconds);
  const seed = readNumber(values.seed, 1 + Math.floor(Math.random() * 1e6), 1e9);
  console.log(`chaos: up to ${rounds} rounds in ${seconds} s, seed ${seed}`);
  const table = startTable('Kills', [
    ['round', 5],
    ['killed after', 14],
    ['calls left open', 15],
    ['broken', 6],
  ]);
  const report = await runChaos({
    ...{ rounds, seconds, seed },
    onRound: ({ number, killedAtMs, wasStarting, leftOpen, broken }) =>
      table.row(number, `${Math.round(killedAtMs)} ms${wasStarting ? ' *' : ''}`, leftOpen, broken.length),
  });
  console.log('  * while it was starting');
  judge(report);
  process.exit(report.broken.length === 0 ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
