import { fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child {
  readonly pid: number;
  /** What the child sent when it was ready: the ports it listens on. */
  readonly ready: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 10_000;

/** Runs a script in a process of its own, until its first message says that it is ready. It must end on `disconnect`. */
export async function startChild(script: string, args: readonly string[] = []): Promise<Child> {
  const child = fork(script, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const patience = AbortSignal.timeout(READY_WITHIN_MS);
  const first = await Promise.race([once(child, 'message', { signal: patience }), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`${script} ended before it was ready`);
  return {
    pid: child.pid ?? 0,
    ready: first[0] as Record<string, number>,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
