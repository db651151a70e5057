import { freePort } from '../test/support/free-port.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { ms, percent, startTable, type Table, whole } from './table.ts';
import type { BenchTarget, RunningTarget } from './targets/target.ts';

export interface SipPlan {
  /** Calls per second, rising. */
  readonly rates: readonly number[];
  /** Of each step of the search. */
  readonly stepSeconds: number;
  /** Of the run that confirms the highest clean rate. Timers H, I and J linger 32 s: a claim needs 45 s. */
  readonly claimSeconds: number;
  /** Of the run that takes set-up times. */
  readonly setUpSeconds: number;
}

export interface SipReport {
  /** SIPp calling SIPp at the highest rate used. */
  readonly generator: LoadResult;
  /** Steps of the search, the last one unclean unless the rates ran out. */
  readonly steps: readonly LoadResult[];
  /** The confirmed highest clean rate, `undefined` if none was clean. */
  readonly claim: LoadResult | undefined;
  /** Set-up times at half that rate: SIPp alone, and with the target between. */
  readonly setUp: { readonly direct: LoadResult; readonly target: LoadResult } | undefined;
}

/** SIPp → target → SIPp: how many calls per second, at what cost, how fast. */
export async function measureSip(bench: BenchTarget, plan: SipPlan): Promise<SipReport> {
  const buyerPort = await freePort();
  const table = startLoadTable(`SIP: ${bench.name}, between a carrier and a buyer (SIPp, UDP, calls of 100 ms)`);
  const generator = await proveGenerator(buyerPort, Math.max(...plan.rates), table);
  const target = await bench.start(buyerPort);
  try {
    const steps = await search(target, buyerPort, plan, table);
    const claim = await confirm(target, buyerPort, plan, steps, table);
    const setUp = claim && (await takeSetUpTimes(target, buyerPort, claim.offered / 2, plan.setUpSeconds));
    return { generator, steps, claim, setUp };
  } finally {
    await target.stop();
  }
}

/** The load generator must do alone what is asked of the target. */
async function proveGenerator(buyerPort: number, rate: number, table: Table): Promise<LoadResult> {
  const result = await runSipLoad({ rate, seconds: 3, buyerPort });
  addRow(table, 'SIPp alone', result);
  return result;
}

/** Raises the rate until a step is unclean twice: once may be somebody else's fault on a shared machine. */
async function search(target: RunningTarget, buyerPort: number, plan: SipPlan, table: Table): Promise<LoadResult[]> {
  const steps: LoadResult[] = [];
  for (const rate of plan.rates) {
    let result = await runSipLoad({ rate, seconds: plan.stepSeconds, buyerPort, target });
    if (result.complaints.length > 0) {
      addRow(table, 'step', result);
      result = await runSipLoad({ rate, seconds: plan.stepSeconds, buyerPort, target });
    }
    addRow(table, 'step', result);
    steps.push(result);
    if (result.complaints.length > 0) break;
  }
  return steps;
}

/** Holds the highest clean rate for long; if it does not hold, the one below for as long. */
async function confirm(
  target: RunningTarget,
  buyerPort: number,
  plan: SipPlan,
  steps: readonly LoadResult[],
  table: Table,
): Promise<LoadResult | undefined> {
  const candidates = steps.filter((step) => step.complaints.length === 0).slice(-2);
  for (const { offered } of candidates.reverse()) {
    const result = await runSipLoad({ rate: offered, seconds: plan.claimSeconds, buyerPort, target });
    addRow(table, 'held', result);
    if (result.complaints.length === 0) return result;
  }
  return undefined;
}

async function takeSetUpTimes(target: RunningTarget, buyerPort: number, rate: number, seconds: number) {
  const direct = await runSipLoad({ rate, seconds: Math.min(seconds, 5), buyerPort, exactSetUp: true });
  const through = await runSipLoad({ rate, seconds, buyerPort, target, exactSetUp: true });
  const title = `Set-up time, INVITE to 200, at ${whole(rate)} calls/s (half the rate held), ms`;
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
