import { freePort } from '../test/support/free-port.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { ms, percent, startTable, type Table, whole } from './table.ts';
import type { BenchTarget, RunningTarget } from './targets/target.ts';

export interface SipPlan {
  /** Calls per second, rising. */
  readonly rates: readonly number[];
  /** Before anything is measured: compiling is not the cost of a call. 200 calls/s for 3 s unless given. */
  readonly warmUp?: { readonly rate: number; readonly seconds: number };
  /** Of each step of the search. */
  readonly stepSeconds: number;
  /** Of the run that confirms the highest clean rate. Timers H, I and J linger 32 s: a claim needs 45 s. */
  readonly claimSeconds: number;
  /** Of the run that takes set-up times. */
  readonly setUpSeconds: number;
  /** Calls per second of that run; half the rate held unless given. */
  readonly setUpRate?: number;
  /** When all must be over, on the clock of `performance.now()`: a second confirming run is cut to fit. */
  readonly endAtMs: number;
}

export interface SipReport {
  /** SIPp calling SIPp at the highest rate used. */
  readonly generator: LoadResult;
  /** The confirmed highest clean rate, `undefined` if none was clean. */
  readonly claim: Claim | undefined;
  /** Set-up times at half that rate: SIPp alone, and with the target between. */
  readonly setUp: { readonly direct: LoadResult; readonly target: LoadResult } | undefined;
  /** The steps of the search, in order. */
  readonly steps: readonly LoadResult[];
}

export interface Claim {
  readonly rate: number;
  readonly seconds: number;
}

const WARM_UP = { rate: 200, seconds: 3 };
const SHORTEST_CLAIM_SECONDS = 10;

/** SIPp → target → SIPp: how many calls per second, at what cost, how fast. */
export async function measureSip(bench: BenchTarget, plan: SipPlan): Promise<SipReport> {
  const buyerPort = await freePort();
  const table = startLoadTable(`SIP: ${bench.name}, between a carrier and a buyer (SIPp, UDP, calls of 100 ms)`);
  const generator = await runSipLoad({ rate: Math.max(...plan.rates), seconds: 3, buyerPort });
  addRow(table, 'SIPp alone', generator);
  const steps: LoadResult[] = [];
  const clean = await withTarget(bench, buyerPort, plan, table, (target) =>
    search(target, buyerPort, plan, table, steps),
  );
  // A process of its own: the search has ended in overload, and what that leaves behind is not the claim's.
  return withTarget(bench, buyerPort, plan, table, async (target) => {
    // Before the claim, which leaves a heap behind that a service at that rate would not have.
    const early = plan.setUpRate && (await takeSetUpTimes(target, buyerPort, plan.setUpRate, plan.setUpSeconds));
    const claim = await confirm(target, buyerPort, plan, clean, table);
    const setUp = early || (claim && (await takeSetUpTimes(target, buyerPort, claim.rate / 2, plan.setUpSeconds)));
    return { generator, claim, setUp, steps };
  });
}

/** Starts the target, warms it up (compilation is not the cost of a call), and stops it afterwards. */
async function withTarget<T>(
  bench: BenchTarget,
  buyerPort: number,
  { warmUp = WARM_UP }: SipPlan,
  table: Table,
  use: (target: RunningTarget) => Promise<T>,
): Promise<T> {
  const target = await bench.start(buyerPort);
  try {
    addRow(table, 'warming up', await runSipLoad({ ...warmUp, buyerPort, target }));
    return await use(target);
  } finally {
    await target.stop();
  }
}

/** Raises the rate until a step is unclean twice: once may be somebody else's fault on a shared machine. Clean rates. */
async function search(
  target: RunningTarget,
  buyerPort: number,
  plan: SipPlan,
  table: Table,
  steps: LoadResult[],
): Promise<number[]> {
  const clean: number[] = [];
  for (const rate of plan.rates) {
    const isClean = async () => {
      const result = await runSipLoad({ rate, seconds: plan.stepSeconds, buyerPort, target });
      addRow(table, 'step', result);
      steps.push(result);
      return result.complaints.length === 0;
    };
    if (!((await isClean()) || (await isClean()))) break;
    clean.push(rate);
  }
  return clean;
}

/** Holds the highest clean rate for long; if it does not hold, the one below for as long as there is time. */
async function confirm(
  target: RunningTarget,
  buyerPort: number,
  plan: SipPlan,
  clean: readonly number[],
  table: Table,
): Promise<Claim | undefined> {
  for (const rate of clean.slice(-2).reverse()) {
    const left = (plan.endAtMs - performance.now()) / 1_000 - 2 * plan.setUpSeconds;
    const seconds = Math.floor(Math.min(plan.claimSeconds, left));
    if (seconds < Math.min(SHORTEST_CLAIM_SECONDS, plan.claimSeconds)) break;
    const result = await runSipLoad({ rate, seconds, buyerPort, target });
    addRow(table, `held ${seconds} s`, result);
    if (result.complaints.length === 0) return { rate, seconds };
  }
  return undefined;
}

async function takeSetUpTimes(target: RunningTarget, buyerPort: number, rate: number, seconds: number) {
  const direct = await runSipLoad({ rate, seconds: Math.min(seconds, 5), buyerPort, exactSetUp: true });
  const through = await runSipLoad({ rate, seconds, buyerPort, target, exactSetUp: true });
  const title = `Set-up time, INVITE to 200, at ${whole(rate)} calls/s, ms`;
  const table = startTable(title, [
    ['', 22],
    ['calls', 7],
    ['p50', 7],
    ['p99', 7],
    ['max', 7],
  ]);
  for (const [name, { setUp }] of [
    ['SIPp alone', direct],
    ['through the target', through],
  ] as const) {
    table.row(name, whole(setUp.count), ms(setUp.p50), ms(setUp.p99), ms(setUp.max));
  }
  return { direct, target: through };
}

function startLoadTable(title: string): Table {
  console.log('\nCPU in ms per call, by thread; set-up time in ms (of SIPp, whose clock has steps of 4 ms).');
  return startTable(title, [
    ['', 10],
    ['calls/s', 7],
    ['answered', 8],
    ['failed', 6],
    ['again', 6],
    ['drops', 5],
    ['CPU', 5],
    ['main', 5],
    ['engine', 6],
    ['store', 5],
    ['rest', 5],
    ['p50', 4],
    ['p99', 4],
    ['max', 5],
    ['RSS MB', 6],
    ['files', 5],
    ['others', 6],
    ['', 0],
  ]);
}

const THREADS = ['main', 'engine', 'store'] as const;

function addRow(table: Table, kind: string, load: LoadResult): void {
  const perCall = (used: number) => ms(used / load.calls);
  const named = THREADS.map((name) => load.cpu.threads.get(name) ?? 0);
  const rest = load.cpu.totalMs - named.reduce((sum, used) => sum + used, 0);
  table.row(
    kind,
    ...[whole(load.offered), whole(load.achieved), whole(load.failed), percent(load.retransmitted), load.dropped],
    ...[perCall(load.cpu.totalMs), ...named.map(perCall), perCall(Math.max(0, rest))],
    ...[load.setUp.p50, load.setUp.p99, load.setUp.max],
    ...[whole(load.size.residentMb), load.size.descriptors, percent(load.othersShare)],
    load.complaints.length === 0 ? 'clean' : load.complaints.join(', '),
  );
}
