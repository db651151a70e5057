import { readProcessCpu, readProcessSize } from '../../bench/process-cpu.ts';
import { type Child, startChild } from '../../bench/targets/child.ts';
import { type Sipp, startSipp } from '../support/sipp.ts';
import { EngineChild, remembered } from './engine-child.ts';
import { brisk, type Finding, finding, neverOverloaded, type Progress, sleep } from './finding.ts';

export interface DialogsOptions {
  /** Open at the same time, two for each call; 20,000 unless told. */
  readonly dialogs?: number;
  readonly progress: Progress;
}

const probe = { rate: 100, seconds: 10, talkMs: 100 };
const openRate = 250;
const sippArgs = ['-buff_size', '4194304', '-l', '15000'];
const residentLimitMb = 600;
const backWithin = 1.1;
/** Cost per call among many dialogs over that among few; a table that is searched would make it tens. */
const costFactor = 1.5;
const stages = [100, 1_000] as const;
/** From the opening of a stage's first call: the later stages are opened and measured meanwhile. */
const stageMs = 20_000;
const measureMs = 35_000;

/** Many calls open at once: what they weigh, what one more costs, and what is left when they are gone. */
export async function runDialogs({ dialogs = 20_000, progress }: DialogsOptions): Promise<Finding[]> {
  const secret = 'soak';
  await using engine = await EngineChild.start({
    listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
    ...{ secret, timers: brisk, overloadLimits: neverOverloaded, control: { address: '127.0.0.1', port: 0 } },
  });
  const load = { trace: false, timeoutMs: 400_000, args: sippArgs };
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', { ...load, calls: Number.POSITIVE_INFINITY });
  const bridge = await startChild(`${import.meta.dirname}/bridge-process.ts`, [
    ...[`${engine.controlPort}`, secret, buyer.hostPort],
  ]);
  try {
    return await new DialogLoad(engine, bridge, dialogs, progress).run();
  } finally {
    await bridge.stop();
  }
}

class DialogLoad {
  readonly #engine: EngineChild;
  readonly #bridge: Child<unknown>;
  readonly #dialogs: number;
  readonly #progress: Progress;
  readonly #holders: Promise<string>[] = [];
  #largestMb = 0;

  constructor(engine: EngineChild, bridge: Child<unknown>, dialogs: number, progress: Progress) {
    this.#engine = engine;
    this.#bridge = bridge;
    this.#dialogs = dialogs;
    this.#progress = progress;
  }

  async run(): Promise<Finding[]> {
    await this.#costOfCall();
    await this.#until('quiet', ({ left }) => left === 0);
    const start = (await this.#engine.report()).heapMb;
    const levels = [...stages.filter((stage) => stage < this.#dialogs), this.#dialogs];
    const costs: number[] = [];
    for (const [at, level] of levels.entries()) costs.push(await this.#measureAt(level, levels, at));
    const failures = (await Promise.all(this.#holders)).filter((failure) => failure !== '');
    await this.#until('all calls forgotten', ({ left }) => left === 0);
    const end = (await this.#engine.report()).heapMb;
    return this.#findings({ levels, costs, failures, start, end });
  }

  #findings(run: { levels: number[]; costs: number[]; failures: string[]; start: number; end: number }): Finding[] {
    const { levels, costs, failures, start, end } = run;
    const [few = 0] = costs;
    const table = levels.map((level, at) => `${level} open: ${costs[at]!.toFixed(2)} ms`).join(', ');
    const { errors } = this.#engine;
    return [
      finding('no held call fails', failures.length === 0, failures[0] ?? `${this.#dialogs} dialogs at once`),
      finding(
        `the engine stays below ${residentLimitMb} MB`,
        this.#largestMb < residentLimitMb,
        `${this.#largestMb.toFixed(0)} MB resident at most`,
      ),
      finding(
        'a call costs the same however many are open',
        Math.max(...costs) <= costFactor * few,
        `CPU per call, ${table}`,
      ),
      finding(
        'memory comes back to within 10 %',
        end <= backWithin * start,
        `heap ${start.toFixed(1)} MB, at last ${end.toFixed(1)} MB`,
      ),
      finding('the engine logs no error', errors.length === 0, errors[0] ?? 'none'),
    ];
  }

  /** Opens calls up to `level` dialogs and measures what a call more costs. */
  async #measureAt(level: number, levels: readonly number[], at: number): Promise<number> {
    const calls = (level - (levels[at - 1] ?? 0)) / 2;
    const isLast = at === levels.length - 1;
    const talkMs = (levels.length - 1 - at) * stageMs + (this.#dialogs / 2 / openRate) * 1_000 + measureMs;
    await this.#hold(calls, talkMs);
    await this.#until(`${level} dialogs`, ({ dialogs, left }) => dialogs >= level && left - dialogs < 50);
    const cost = await this.#costOfCall();
    this.#progress(
      `${cost.toFixed(2)} ms of CPU per call with ${level} dialogs open${isLast ? '; waiting for their end' : ''}`,
    );
    return cost;
  }

  async #hold(calls: number, talkMs: number): Promise<void> {
    const carrier = await this.#call(calls, openRate, talkMs);
    this.#holders.push(
      carrier.exit.then(
        () => '',
        (error: unknown) => String(error),
      ),
    );
  }

  /** CPU time of the engine, in ms. */
  async #costOfCall(): Promise<number> {
    const { pid } = this.#engine;
    const before = readProcessCpu(pid).totalMs;
    const calls = probe.rate * probe.seconds;
    const carrier = await this.#call(calls, probe.rate, probe.talkMs);
    await carrier.exit;
    return (readProcessCpu(pid).totalMs - before) / calls;
  }

  #call(calls: number, rate: number, talkMs: number): Promise<Sipp> {
    return startSipp('uac-answered-hangs-up', {
      ...{ remote: `127.0.0.1:${this.#engine.ports[0]}`, calls, rate, trace: false },
      ...{ timeoutMs: 400_000, args: sippArgs, set: { talk_ms: Math.round(talkMs) } },
    });
  }

  async #until(what: string, holds: (now: { dialogs: number; left: number }) => boolean): Promise<void> {
    for (let second = 0; second < 240; second += 1) {
      const { stats, heapMb } = await this.#engine.report();
      const now = { dialogs: stats.dialogs, left: remembered(stats) };
      const residentMb = readProcessSize(this.#engine.pid).residentMb;
      this.#largestMb = Math.max(this.#largestMb, residentMb);
      if (holds(now)) return;
      if (second % 5 === 0) {
        const application = readProcessSize(this.#bridge.pid).residentMb.toFixed(0);
        this.#progress(
          `waiting for ${what}: ${now.dialogs} dialogs, ${now.left - now.dialogs} more remembered, ${heapMb.toFixed(0)} MB heap, ${residentMb.toFixed(0)} MB resident (application ${application} MB)`,
        );
      }
      await sleep(1_000);
    }
    throw new Error(`never ${what}`);
  }
}
