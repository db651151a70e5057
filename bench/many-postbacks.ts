import autocannon from 'autocannon';
import { freePort } from '../test/support/free-port.ts';
import { readProcessSize } from './process-cpu.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { ms, startTable, whole } from './table.ts';
import { startSoldService } from './targets/service.ts';
import type { RunningPostbackTarget } from './targets/target.ts';

const CONNECTIONS = 64;
const POSTBACKS = 1_000_000;
const PORTIONS = 5;
/** RSS after the last portion over that after the second: the first ones fill caches of fixed size. */
const MOST_GROWTH = 1.1;
const SET_UP_RATE = 100;
const MOST_SET_UP = 2;

/** A million postbacks, and what the memory does meanwhile. */
export async function measurePostbackMemory(quick: boolean): Promise<boolean> {
  const target = await startSoldService(await freePort());
  const portion = (quick ? 20_000 : POSTBACKS) / PORTIONS;
  const table = startTable(`${whole(portion * PORTIONS)} postbacks, ${CONNECTIONS} connections`, [
    ['postbacks', 9],
    ['per s', 6],
    ['p99 ms', 6],
    ['failed', 6],
    ['RSS MB', 6],
  ]);
  const sizes: number[] = [];
  let failed = 0;
  for (let taken = 1; taken <= PORTIONS; taken += 1) {
    const result = await autocannon({ ...loadOf(target), amount: portion });
    const { residentMb } = readProcessSize(target.pid);
    const failures = result.non2xx + result.errors + result.timeouts;
    table.row(
      ...[whole(taken * portion), whole(result['2xx'] / result.duration), ms(result.latency.p99)],
      ...[failures, whole(residentMb)],
    );
    sizes.push(residentMb);
    failed += failures;
  }
  await target.stop();
  const growth = sizes.at(-1)! / sizes[1]!;
  console.log(`  memory, the second portion = 1: ${growth.toFixed(2)}`);
  return failed === 0 && growth <= MOST_GROWTH;
}

/** What callers notice of a flood of postbacks: A B B A, B with as many as the service takes. */
export async function measureCallsMeanwhile(quick: boolean): Promise<boolean> {
  const buyerPort = await freePort();
  const target = await startSoldService(buyerPort);
  const seconds = quick ? 2 : 10;
  const load = { rate: SET_UP_RATE, seconds, buyerPort, target, exactSetUp: true };
  const table = startTable(`Set-up time at ${SET_UP_RATE} calls/s with and without postbacks, ms`, [
    ['postbacks/s', 11],
    ['calls', 6],
    ['failed', 6],
    ['p50', 5],
    ['p99', 5],
    ['max', 5],
  ]);
  const row = (perSecond: number, { setUp, failed }: LoadResult) =>
    table.row(whole(perSecond), setUp.count, failed, ms(setUp.p50), ms(setUp.p99), ms(setUp.max));
  const alone = async () => {
    const result = await runSipLoad(load);
    row(0, result);
    return result;
  };
  const meanwhile = async () => {
    const flood = autocannon({ ...loadOf(target), duration: seconds + 2 });
    const result = await runSipLoad(load);
    const { '2xx': taken, duration } = await flood;
    row(taken / duration, result);
    return result;
  };
  await runSipLoad({ ...load, seconds: quick ? 1 : 6 });
  const [a1, b1, b2, a2] = [await alone(), await meanwhile(), await meanwhile(), await alone()];
  await target.stop();
  const ratio = (b1.setUp.p99 + b2.setUp.p99) / (a1.setUp.p99 + a2.setUp.p99);
  console.log(`  p99 of a call's set-up meanwhile, without = 1: ${ratio.toFixed(2)}`);
  return ratio <= MOST_SET_UP && b1.failed + b2.failed === 0;
}

function loadOf(target: RunningPostbackTarget) {
  const setupRequest = (request: autocannon.Request) => ({ ...request, path: target.nextPostbackPath() });
  return { url: target.baseUrl, connections: CONNECTIONS, requests: [{ setupRequest }] };
}
