import { parseArgs } from 'node:util';
import { exitOnSignal } from '../support/exit-on-signal.ts';
import { runDialogs } from './dialogs.ts';
import { brisk, type Finding, type Progress } from './finding.ts';
import { runFuzz } from './fuzz.ts';
import { runLossy } from './lossy.ts';
import { runProduct } from './product.ts';
import { runSteady } from './steady.ts';

const usage = `Usage: npm run soak [-- --seconds <n>] [--only fuzz|lossy|product|dialogs|steady] [--seed <n>]

Puts the embedded engine, and the service, under strain and checks what it promises; exit code 1 when a promise is broken.
  fuzz     damaged messages over UDP, TCP and TLS while calls go through
  lossy    calls over a network that loses, doubles, delays and reorders
  product  calls through the whole service, 5 % of datagrams lost, 5 % doubled, 10 % delayed, both ways
  dialogs  20,000 dialogs open at once (takes about three minutes whatever --seconds says)
  steady   100 calls a second through the whole service, with sales: only when asked for, an hour unless told

  --seconds  for all together, 300 unless told, 600 at most (steady: 3,600)
  --seed     of all chance, shown at the start`;

const longestSeconds = { steady: 3_600, others: 600 };
/** Of `steady`: to start, and for everything to be forgotten. */
const steadyTailSeconds = 180;
/** What the dialogs take: to open them, to measure, to wait for their end. */
const dialogsSeconds = 180;
/** Of the service's own timers: the time after which nothing may be left. */
const forgetSeconds = 32;
const lossyCallsPerSecond = 20;
const weather = { lost: 0.15, duplicated: 0.1, delayed: 0.3, delayMs: 250 };

type Part = 'fuzz' | 'lossy' | 'product' | 'dialogs' | 'steady';

interface Plan {
  readonly parts: readonly Part[];
  readonly seconds: number;
  readonly seed: number;
  /** When it is given up. */
  readonly limitSeconds: number;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' } },
  });
  const isSteady = values.only === 'steady';
  const seconds = Number(values.seconds ?? (isSteady ? longestSeconds.steady : 300));
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
  const all: readonly Part[] = ['fuzz', 'lossy', 'product', 'dialogs'];
  const known: readonly Part[] = [...all, 'steady'];
  const parts = values.only === undefined ? all : known.filter((part) => part === values.only);
  const longest = isSteady ? longestSeconds.steady : longestSeconds.others;
  if (!(seconds > 0 && seconds <= longest) || Number.isNaN(seed) || parts.length === 0) throw new Error(usage);
  const limitSeconds = isSteady ? seconds + steadyTailSeconds : longestSeconds.others;
  return { parts, seconds, seed, limitSeconds };
}

const runners: Record<Part, (seconds: number, seed: number, progress: Progress) => Promise<Finding[]>> = {
  fuzz: (seconds, seed, progress) => runFuzz({ seconds, seed, progress }),
  lossy: (seconds, seed, progress) =>
    runLossy({
      ...{ calls: seconds * lossyCallsPerSecond, callsPerSecond: lossyCallsPerSecond },
      ...{ timers: brisk, weather, seed, progress },
    }),
  product: (seconds, seed, progress) =>
    runProduct({ calls: Math.max(100, (seconds - forgetSeconds) * 20), callsPerSecond: 20, seed, progress }),
  dialogs: (_seconds, _seed, progress) => runDialogs({ progress }),
  steady: (seconds, _seed, progress) => runSteady({ seconds, callsPerSecond: 100, progress }),
};

/** Half of what the dialogs leave goes to the damaged messages. */
function share(part: Part, { parts, seconds }: Plan): number {
  if (parts.length === 1) return seconds;
  const left = Math.max(15, seconds - dialogsSeconds);
  return Math.round(part === 'fuzz' ? left / 2 : left / 4);
}

async function main(): Promise<void> {
  exitOnSignal();
  const plan = readPlan();
  const start = performance.now();
  const clock = (): string => `${((performance.now() - start) / 1_000).toFixed(0)} s`.padStart(6);
  console.log(`soak of ${plan.seconds} s, seed ${plan.seed}`);
  const { limitSeconds } = plan;
  setTimeout(() => fail(`not done within ${limitSeconds} s`), limitSeconds * 1_000).unref();
  const findings: Finding[] = [];
  for (const part of plan.parts) {
    console.log(`\n${part}`);
    const found = await runners[part](share(part, plan), plan.seed, (line) => console.log(`${clock()}  ${line}`));
    for (const { promise, isKept, found: what } of found)
      console.log(`${isKept ? 'kept  ' : 'BROKEN'}  ${promise}: ${what}`);
    findings.push(...found);
  }
  const broken = findings.filter(({ isKept }) => !isKept);
  console.log(`\n${findings.length - broken.length} promises kept, ${broken.length} broken, in ${clock().trim()}`);
  process.exit(broken.length === 0 ? 0 : 1);
}

function fail(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(1);
}

main().catch(fail);
