import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

export interface Child<Ready> {
  readonly pid: number;
  /** What the child sent when it was ready: where it listens and the like. */
  readonly ready: Ready;
  stop(): Promise<void>;
}

/** As `npm start` has it: shorter pauses, and fewer. */
const COLLECTOR = ['--max-semi-space-size=8', '--initial-old-space-size=128'];
const READY_WITHIN_MS = 30_000;

/** Runs a script in a process of its own, until its first message says that it is ready. It must end on `disconnect`. */
export async function startChild<Ready>(script: string, args: readonly string[] = []): Promise<Child<Ready>> {
  const child = fork(script, args, { execArgv: COLLECTOR, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  const impatience = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  const ready = await Promise.race([firstMessage<Ready>(child), ended.then(() => undefined)]);
  clearTimeout(impatience);
  if (ready === undefined) throw new Error(`${script} ended, or was not ready within ${READY_WITHIN_MS} ms`);
  return {
    pid: child.pid ?? 0,
    ready,
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

async function firstMessage<Ready>(child: ChildProcess): Promise<Ready> {
  const [message] = await once(child, 'message');
  return message;
}
