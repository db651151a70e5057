import { setTimeout as sleep } from 'node:timers/promises';
import { NUMBER } from '../test/support/account.ts';
import { freePort } from '../test/support/free-port.ts';
import { startSipp } from '../test/support/sipp.ts';
import { measureCallsMeanwhile, measurePostbackMemory } from './many-postbacks.ts';
import { readProcessCpu, readProcessSize } from './process-cpu.ts';
import { measureReportsMeanwhile } from './reports-meanwhile.ts';
import { seedCalls } from './seed-calls.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { ms, percent, startTable, whole } from './table.ts';
import { openService } from './targets/service.ts';

/** Parts of `npm run bench -- --capacity <part>`; each about three minutes. */
export const CAPACITY_PARTS = {
  open: measureOpenCalls,
  overload: measureOverload,
  stored: measureStored,
  loop: measureLoop,
  postbacks: measurePostbackMemory,
  meanwhile: measureCallsMeanwhile,
  reports: measureReportsMeanwhile,
} as const;

export type CapacityPart = keyof typeof CAPACITY_PARTS;

const OPEN_CALLS = 10_000;
const OPEN_RATE = 200;
const MOST_MB = 1_024;
/** Tried in this order; the first that is clean counts. */
const CLEAN_RATES = [1_000, 750, 600, 500, 400] as const;
const SERVED_SHARE = 0.9;
const AFTERWARDS_MS = 35_000;
const STORED_CALLS = 5_000_000;
const STORED_RATE = 300;
const MOST_GROWTH = 1.1;
/** In 99 of 100 turns. A shared machine takes longer away now and then, whatever the service does. */
const MOST_DELAY_MS = 5;

/** Ten thousand calls up at once: what they weigh, and whether each is torn down well. */
async function measureOpenCalls(quick: boolean): Promise<boolean> {
  const calls = quick ? 500 : OPEN_CALLS;
  const rate = quick ? 100 : OPEN_RATE;
  const buyerPort = await freePort();
  const target = await openService(buyerPort);
  const talkMs = (calls / rate + 10) * 1_000;
  const load = { calls, trace: false, timeoutMs: 240_000, args: ['-buff_size', '4194304', '-l', '15000'] };
  const buyer = await startSipp('uas-answer-at-once-expect-bye', { ...load, port: buyerPort });
  const carrier = await startSipp('uac-answered-hangs-up', {
    ...{ ...load, remote: target.sip, rate, dialedNumber: NUMBER, set: { talk_ms: talkMs } },
  });
  const before = readProcessCpu(target.pid).totalMs;
  await sleep((calls / rate + 5) * 1_000);
  const open = await target.openCalls();
  const mb = readProcessSize(target.pid).residentMb;
  const ends = await Promise.allSettled([carrier.exit, buyer.exit]);
  const cpu = (readProcessCpu(target.pid).totalMs - before) / calls;
  const left = await target.openCalls();
  await target.stop();
  const isClean = ends.every((end) => end.status === 'fulfilled' && end.value.failed === 0);
  const table = startTable(`${whole(calls)} calls up at once (opened and closed at ${rate}/s)`, [
    ['up at once', 10],
    ['RSS MB', 7],
    ['CPU ms per call', 15],
    ['torn down cleanly', 17],
    ['left open', 9],
  ]);
  table.row(whole(open), whole(mb), ms(cpu), isClean ? 'all' : 'NO', left);
  return open === calls && mb < MOST_MB && isClean && left === 0;
}

/** Twice the rate that is clean: what is served of it, and what the rest gets. */
async function measureOverload(quick: boolean): Promise<boolean> {
  const buyerPort = await freePort();
  const target = await openService(buyerPort);
  await runSipLoad({ rate: 200, seconds: 6, buyerPort, target });
  const seconds = quick ? 2 : 10;
  const loads: LoadResult[] = [];
  for (const rate of quick ? [50] : CLEAN_RATES) {
    loads.push(await runSipLoad({ rate, seconds, buyerPort, target }));
    if (loads.at(-1)?.complaints.length === 0) break;
  }
  const clean = loads.at(-1)!;
  const twice = await runSipLoad({ rate: 2 * clean.offered, seconds, buyerPort, target });
  // What is not answered and not refused yet will be.
  await sleep(AFTERWARDS_MS);
  const lost = await target.lostCalls();
  await target.stop();
  const share = twice.achieved / clean.achieved;
  const table = startTable('Twice the clean rate', [
    ['offered/s', 9],
    ['answered/s', 10],
    ['of the clean rate', 17],
    ['turned away', 11],
    ['p99 ms', 6],
    ['', 0],
  ]);
  for (const load of [...loads, twice]) {
    const of = percent(load.achieved / clean.achieved);
    table.row(
      whole(load.offered),
      whole(load.achieved),
      of,
      whole(load.failed),
      ms(load.setUp.p99),
      load.complaints.join(', ') || 'clean',
    );
  }
  console.log(`  running calls lost: ${lost}`);
  return clean.complaints.length === 0 && share >= SERVED_SHARE && lost === 0;
}

/** The same load with an empty database and with five million calls in it, in turn. */
async function measureStored(quick: boolean): Promise<boolean> {
  const stored = quick ? 20_000 : STORED_CALLS;
  const buyerPort = await freePort();
  const empty = await openService(buyerPort);
  const full = await openService(buyerPort, (file) => {
    const startedAt = performance.now();
    seedCalls(file, stored, (done) => {
      console.log(`  ${whole(done)} calls stored after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
    });
  });
  const table = startTable(`${STORED_RATE} calls/s, with and without ${whole(stored)} calls stored`, [
    ['stored', 9],
    ['answered/s', 10],
    ['failed', 6],
    ['CPU ms', 6],
    ['store ms', 8],
    ['p50 ms', 6],
    ['p99 ms', 6],
    ['RSS MB', 6],
  ]);
  const costs: { empty: number[]; full: number[] } = { empty: [], full: [] };
  for (const which of ['empty', 'full', 'full', 'empty'] as const) {
    const target = { empty, full }[which];
    const load = await runSipLoad({ rate: STORED_RATE, seconds: quick ? 2 : 12, buyerPort, target });
    table.row(which === 'full' ? whole(stored) : 0, ...cells(load));
    costs[which].push(load.cpu.totalMs / load.calls);
  }
  await Promise.all([empty.stop(), full.stop()]);
  const growth = mean(costs.full) / mean(costs.empty);
  console.log(`  cost of a call: × ${growth.toFixed(2)}`);
  return growth <= MOST_GROWTH;
}

/** How late the main thread is, with nothing to do and under load: what runs long there keeps every call waiting. */
async function measureLoop(quick: boolean): Promise<boolean> {
  const buyerPort = await freePort();
  const target = await openService(buyerPort);
  await runSipLoad({ rate: 200, seconds: quick ? 1 : 6, buyerPort, target });
  await target.loopDelay();
  const table = startTable('Delay of the main thread, ms', [
    ['calls/s', 7],
    ['p50', 5],
    ['p99', 5],
    ['max', 5],
    ['longest collection', 18],
  ]);
  let kept = true;
  for (const rate of [0, 100, STORED_RATE]) {
    if (rate === 0) await sleep(quick ? 500 : 5_000);
    else await runSipLoad({ rate, seconds: quick ? 1 : 10, buyerPort, target });
    const { p50, p99, max, collection } = await target.loopDelay();
    table.row(rate, ms(p50), ms(p99), ms(max), ms(collection));
    kept &&= p99 <= MOST_DELAY_MS;
  }
  await target.stop();
  return kept;
}

function cells(load: LoadResult): (string | number)[] {
  const perCall = (used: number) => ms(used / load.calls);
  const store = load.cpu.threads.get('store') ?? 0;
  return [
    ...[whole(load.achieved), whole(load.failed), perCall(load.cpu.totalMs), perCall(store)],
    ...[ms(load.setUp.p50), ms(load.setUp.p99), whole(load.size.residentMb)],
  ];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
