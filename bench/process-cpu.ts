import { readdirSync, readFileSync } from 'node:fs';

/** The kernel counts CPU time in ticks of 10 ms (USER_HZ is 100 wherever Linux runs Node). */
const TICK_MS = 10;

/** CPU time used so far, in ms: of the whole process, threads that ended included, and by name of thread. */
export interface ProcessCpu {
  readonly totalMs: number;
  readonly threads: ReadonlyMap<string, number>;
}

/** Reads `/proc/<pid>`. Node names its main thread MainThread and a worker after its `name` option. */
export function readProcessCpu(pid: number): ProcessCpu {
  const threads = new Map<string, number>();
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const thread = readStat(`/proc/${pid}/task/${tid}/stat`);
    if (thread === undefined) continue;
    const name = thread.name === 'MainThread' ? 'main' : thread.name;
    threads.set(name, (threads.get(name) ?? 0) + thread.ownMs);
  }
  return { totalMs: readStat(`/proc/${pid}/stat`)?.ownMs ?? 0, threads };
}

/** CPU time between two readings. */
export function cpuBetween(before: ProcessCpu, after: ProcessCpu): ProcessCpu {
  const threads = [...after.threads].map(([name, used]) => [name, used - (before.threads.get(name) ?? 0)] as const);
  return { totalMs: after.totalMs - before.totalMs, threads: new Map(threads) };
}

export interface StatLine {
  readonly name: string;
  /** User and system time of the process or thread itself. */
  readonly ownMs: number;
  /** The same of children that have ended and been waited for. */
  readonly endedChildrenMs: number;
}

/** One `stat` line, `undefined` when its thread has gone: `pid (name) state ppid …`; utime is the 12th field after the name. */
export function readStat(path: string): StatLine | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const close = text.lastIndexOf(')');
  const fields = text
    .slice(close + 2)
    .split(' ')
    .map(Number);
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return {
    name: text.slice(text.indexOf('(') + 1, close),
    ownMs: (utime + stime) * TICK_MS,
    endedChildrenMs: (cutime + cstime) * TICK_MS,
  };
}

export interface ProcessSize {
  readonly residentMb: number;
  readonly descriptors: number;
}

export function readProcessSize(pid: number): ProcessSize {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { residentMb: Number(kilobytes) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}
