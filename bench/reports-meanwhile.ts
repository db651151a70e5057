import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../test/support/free-port.ts';
import { seedCalls } from './seed-calls.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { ms, startTable, whole } from './table.ts';
import { openService } from './targets/service.ts';

const STORED_CALLS = 1_000_000;
const SECONDS_APART = 34;
const RATE = 100;
const PAUSE_MS = 500;
const MOST_SET_UP = 2;
/** 400 days of ten campaigns, twenty publishers and twenty buyers, called in any combination. */
const REPORT = '/api/v1/reports/campaign?from=2024-01-01T00:00:00Z&to=2025-02-04T00:00:00Z';

/** What callers notice of somebody who looks at a year, again and again: A B B A. */
export async function measureReportsMeanwhile(quick: boolean): Promise<boolean> {
  const buyerPort = await freePort();
  const stored = quick ? 20_000 : STORED_CALLS;
  const target = await openService(buyerPort, (file) => {
    seedCalls(file, stored, () => undefined, { secondsApart: SECONDS_APART, manyParties: true });
  });
  const load = { rate: RATE, seconds: quick ? 2 : 10, buyerPort, target, exactSetUp: true };
  const table = startTable(`Set-up time at ${RATE} calls/s with and without reports over ${whole(stored)} calls, ms`, [
    ['reports', 7],
    ['each ms', 7],
    ['calls', 6],
    ['failed', 6],
    ['p50', 5],
    ['p99', 5],
    ['max', 5],
  ]);
  const row = (reports: readonly number[], { setUp, failed }: LoadResult) => {
    const mean = reports.reduce((sum, each) => sum + each, 0) / Math.max(1, reports.length);
    table.row(reports.length, whole(mean), setUp.count, failed, ms(setUp.p50), ms(setUp.p99), ms(setUp.max));
  };
  const measure = async (withReports: boolean) => {
    const reader = withReports ? readReports(target.http) : undefined;
    const result = await runSipLoad(load);
    row((await reader?.stop()) ?? [], result);
    return result;
  };
  await runSipLoad({ ...load, seconds: quick ? 1 : 6 });
  const [a1, b1, b2, a2] = [await measure(false), await measure(true), await measure(true), await measure(false)];
  await target.stop();
  const ratio = (b1.setUp.p99 + b2.setUp.p99) / (a1.setUp.p99 + a2.setUp.p99);
  console.log(`  p99 of a call's set-up meanwhile, without = 1: ${ratio.toFixed(2)}`);
  return ratio <= MOST_SET_UP && b1.failed + b2.failed === 0;
}

/** Asks for the report, and again half a second after each answer; `stop` tells how long each took. */
function readReports(http: string) {
  const took: number[] = [];
  let stopping = false;
  const loop = (async () => {
    while (!stopping) {
      const startedAt = performance.now();
      const answer = await fetch(`${http}${REPORT}`);
      const { rows } = (await answer.json()) as { rows?: readonly unknown[] };
      if (rows === undefined || rows.length === 0) throw new Error(`no report: HTTP ${answer.status}`);
      took.push(performance.now() - startedAt);
      await sleep(PAUSE_MS);
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await loop;
      return took;
    },
  };
}
