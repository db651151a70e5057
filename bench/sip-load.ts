import { freePort } from '../test/support/free-port.ts';
import { type Sipp, startSipp } from '../test/support/sipp.ts';
import { FILES } from '../test/support/sipp-command.ts';
import { parseSippStats } from '../test/support/sipp-stats.ts';
import { othersShare, readMachine } from './machine.ts';
import { type Percentiles, percentiles } from './percentiles.ts';
import { cpuBetween, type ProcessCpu, type ProcessSize, readProcessCpu, readProcessSize } from './process-cpu.ts';
import { countRetransmissions, parseResponseTimes, parseSetUpTimes } from './sipp-output.ts';
import type { RunningTarget } from './targets/target.ts';

export interface LoadOptions {
  /** Calls per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly buyerPort: number;
  /** Without one, SIPp calls SIPp, and the CPU shown is the called SIPp's. */
  readonly target?: RunningTarget;
  /** Microseconds instead of SIPp's 4 ms, for half as much CPU again in the calling SIPp. */
  readonly exactSetUp?: boolean;
}

/** What one load did to the process under test. */
export interface LoadResult {
  readonly offered: number;
  /** Calls answered per second. */
  readonly achieved: number;
  readonly calls: number;
  readonly failed: number;
  /** Messages sent again by anybody, per call. */
  readonly retransmitted: number;
  /** UDP packets the kernel threw away, on the whole machine. */
  readonly dropped: number;
  readonly othersShare: number;
  readonly cpu: ProcessCpu;
  readonly size: ProcessSize;
  readonly setUp: Percentiles;
  /** Empty for a clean load, else what was not clean. */
  readonly complaints: readonly string[];
}

const TALK_MS = 100;
/** Calls still open so long after the last was started have failed. */
const TAIL_MS = 5_000;
/** Receive buffers as large as the kernel gives, and no cap on calls that would turn overload into waiting. */
const LOAD_ARGS = ['-buff_size', '4194304', '-l', '15000', '-trace_counts'];
const SHORT_LOG = 'short.log';

/** Offers `rate` calls per second for `seconds`, each answered at once and hung up by the caller after 100 ms. */
export async function runSipLoad(options: LoadOptions): Promise<LoadResult> {
  const { rate, seconds, buyerPort, target } = options;
  const calls = Math.round(rate * seconds);
  const timeoutMs = seconds * 1_000 + TAIL_MS;
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', {
    ...{ port: buyerPort, calls: Number.POSITIVE_INFINITY, trace: false, args: LOAD_ARGS },
    ...{ timeoutMs: timeoutMs + TAIL_MS },
  });
  const pid = target?.pid ?? buyer.pid;
  const cpuBefore = readProcessCpu(pid);
  const before = readMachine(target === undefined ? [buyer.pid] : [buyer.pid, target.pid]);

  await using carrier = await startSipp('uac-answered-hangs-up', {
    ...{ remote: `127.0.0.1:${target?.sipPort ?? buyerPort}`, port: await freePort() },
    ...{ calls, rate, trace: false, timeoutMs, set: { talk_ms: TALK_MS } },
    ...(target?.dialedNumber === undefined ? {} : { dialedNumber: target.dialedNumber }),
    args: [
      ...LOAD_ARGS,
      ...(options.exactSetUp ? ['-trace_shortmsg', '-shortmessage_file', SHORT_LOG] : []),
      ...['-trace_rtt', '-rtt_freq', '100'],
    ],
  });
  // A run with failed calls is a figure here, not an exception.
  await carrier.exit.catch(() => {});

  const after = readMachine(target === undefined ? [buyer.pid] : [buyer.pid, target.pid]);
  const cpu = cpuBetween(cpuBefore, readProcessCpu(pid));
  const size = readProcessSize(pid);
  await buyer.stop();
  const measured = {
    ...figures(carrier, buyer, calls),
    ...{ offered: rate, cpu, size, dropped: after.dropped - before.dropped },
    othersShare: othersShare(before, after),
  };
  return { ...measured, complaints: complain(measured) };
}

type Figures = Pick<LoadResult, 'achieved' | 'calls' | 'failed' | 'retransmitted' | 'setUp'>;

function figures(carrier: Sipp, buyer: Sipp, calls: number): Figures {
  const { answeredAtMs, setUpMs } = parseResponseTimes(carrier.file(`scenario_${carrier.pid}_rtt.csv`));
  const span = (answeredAtMs.at(-1) ?? 0) - (answeredAtMs[0] ?? 0);
  const shortLog = carrier.file(SHORT_LOG);
  const again = [carrier, buyer].map((sipp) => countRetransmissions(sipp.file(`scenario_${sipp.pid}_counts.csv`)));
  return {
    calls,
    achieved: span === 0 ? 0 : ((answeredAtMs.length - 1) / span) * 1_000,
    failed: calls - parseSippStats(carrier.file(FILES.stats)).successful,
    retransmitted: again.reduce((sum, count) => sum + count, 0) / calls,
    setUp: percentiles(shortLog === '' ? setUpMs : parseSetUpTimes(shortLog)),
  };
}

/** What keeps a load from being clean. Failed calls alone would not show overload: retransmission hides dropped packets. */
function complain(load: Omit<LoadResult, 'complaints'>): string[] {
  return [
    ...(load.failed > 0 ? [`${load.failed} failed`] : []),
    ...(load.retransmitted >= 0.01 ? ['retransmitted'] : []),
    ...(load.dropped > 0 ? ['packets dropped'] : []),
    ...(load.achieved < 0.98 * load.offered ? ['too slow'] : []),
  ];
}
