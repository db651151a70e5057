import { freePort } from '../test/support/free-port.ts';
import { printVerdicts, type Verdict } from './promises.ts';
import { type LoadResult, runSipLoad } from './sip-load.ts';
import { measureSip } from './sip-rate.ts';
import { measureStrangers } from './strangers.ts';
import { ms, percent, whole } from './table.ts';
import { emptyB2bua } from './targets/empty-b2bua.ts';

/** What the engine must do under an application that only bridges; drachtio-server's figures in the comments. */
const PROMISED = {
  /** Calls per second held: twice the 750 it carries on such a machine. */
  cleanRate: 1_500,
  /** CPU of the engine's thread per call at 750 calls/s, ms. Its daemon: 1.3. */
  engineMs: 0.4,
  cpuAtRate: 750,
  /** INVITE → 200 in 99 of 100 calls, ms, at 300 calls/s. Its pair: 9.5. */
  setUpP99Ms: 5,
  setUpRate: 300,
  /** Calls per second answered when far more are offered, over the most ever held; what is left over gets 503. */
  goodput: 0.7,
  /** A scanner's packet, µs of the engine's thread; reading one takes three or four. */
  scannerMicroseconds: 2,
} as const;

/** The floor under the service: the embedded engine with an application that only bridges. True if all promises are kept. */
export async function measureEngine(quick: boolean): Promise<boolean> {
  const sip = await measureSip(emptyB2bua, {
    rates: quick ? [50, 100] : [300, PROMISED.cpuAtRate, 1_000, PROMISED.cleanRate],
    warmUp: quick ? { rate: 50, seconds: 2 } : { rate: PROMISED.cpuAtRate, seconds: 15 },
    stepSeconds: quick ? 2 : 6,
    claimSeconds: quick ? 3 : 45,
    setUpSeconds: quick ? 2 : 10,
    setUpRate: quick ? 50 : PROMISED.setUpRate,
    endAtMs: 150_000,
  });
  const held = sip.claim?.rate ?? 0;
  const { offered, result: flood } = await overload(held, quick ? 2 : 8);
  const engineMs = engineMsPerCall(sip.steps.find((step) => step.offered === PROMISED.cpuAtRate));
  const p99 = sip.setUp?.target.setUp.p99 ?? Number.NaN;
  const goodput = flood.achieved / held;
  const strangers = measureStrangers();
  const verdicts: Verdict[] = [
    [
      `a scanner's packet, µs (ignored ${strangers.ignored.toFixed(1)}, read ${strangers.parsed.toFixed(1)})`,
      `<= ${PROMISED.scannerMicroseconds}`,
      strangers.scanner.toFixed(1),
      strangers.scanner <= PROMISED.scannerMicroseconds,
    ],
    [
      `calls/s held for ${sip.claim?.seconds ?? 0} s`,
      `>= ${PROMISED.cleanRate}`,
      whole(held),
      held >= PROMISED.cleanRate,
    ],
    [
      `engine thread at ${PROMISED.cpuAtRate} calls/s, ms`,
      `<= ${PROMISED.engineMs}`,
      ms(engineMs),
      engineMs <= PROMISED.engineMs,
    ],
    [
      `set-up p99 at ${PROMISED.setUpRate} calls/s, ms`,
      `<= ${PROMISED.setUpP99Ms}`,
      ms(p99),
      p99 <= PROMISED.setUpP99Ms,
    ],
    [
      `answered at ${whole(offered)} calls/s, of held`,
      `>= ${percent(PROMISED.goodput)}`,
      percent(goodput),
      goodput >= PROMISED.goodput,
    ],
    ['packets dropped then', '0', whole(flood.dropped), flood.dropped === 0],
  ];
  return printVerdicts(verdicts);
}

/** Twice what it can carry: running calls have to be served all the same. */
async function overload(held: number, seconds: number): Promise<{ offered: number; result: LoadResult }> {
  const buyerPort = await freePort();
  const offered = Math.max(2 * held, 100);
  const target = await emptyB2bua.start(buyerPort);
  try {
    await runSipLoad({ rate: Math.max(held / 4, 50), seconds: Math.min(seconds, 5), buyerPort, target });
    return { offered, result: await runSipLoad({ rate: offered, seconds, buyerPort, target }) };
  } finally {
    await target.stop();
  }
}

function engineMsPerCall(load: LoadResult | undefined): number {
  return load === undefined ? Number.NaN : (load.cpu.threads.get('engine') ?? Number.NaN) / load.calls;
}
