import { parseArgs } from 'node:util';
import { exitOnSignal } from '../support/exit-on-signal.ts';
import { runDialogs } from './dialogs.ts';
import { brisk, type Finding, type Progress } from './finding.ts';
import { runFuzz } from './fuzz.ts';
import { runLossy } from './lossy.ts';
import { runProduct } from './product.ts';

const usage = `Usage: npm run soak [-- --seconds <n>] [--only fuzz|lossy|product|dialogs] [--seed <n>]

Puts the embedded engine, and the service, under strain and checks what it promises; exit code 1 when a promise is broken.
  fuzz     damaged messages over UDP, TCP and TLS while calls go through
  lossy    calls over a network that loses, doubles, delays and reorders
  product  calls through the whole service, 5 % of datagrams lost, 5 % doubled, 10 % delayed, both ways
  dialogs  20,000 dialogs open at once (takes about three minutes whatever --seconds says)

  --seconds  for all together, 300 unless told, 600 at most
  --seed     of all chance, shown at the start`;

const longestSeconds = 600;
/** What the dialogs take: to open them, to measure, to wait for their end. */
const dialogsSeconds = 180;
/** Of the service's own timers: the time after which nothing may be left. */
const forgetSeconds = 32;
const lossyCallsPerSecond = 20;
const weather = { lost: 0.15, duplicated: 0.1, delayed: 0.3, delayMs: 250 };

type Part = 'fuzz' | 'lossy' | 'product' | 'dialogs';

interface Plan {
  readonly parts: readonly Part[];
  readonly seconds: number;
  readonly seed: number;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: { seconds: { type: 'string' }, only: { type: 'string' }, seed: { type: 'string' } },
  });
  const seconds = Number(values.seconds ?? 300);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
  const all: readonly Part[] = ['fuzz', 'lossy', 'product', 'dialogs'];
  const parts = values.only === undefined ? all : all.filter((part) => part === values.only);
  if (!(seconds > 0 && seconds <= longestSeconds) || Number.isNaN(seed) || parts.length === 0) throw new Error(usage);
  return { parts, seconds, seed };
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
  setTimeout(() => fail(`not done within ${longestSeconds} s`), longestSeconds * 1_000).unref();
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
