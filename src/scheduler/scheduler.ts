import { createTask, type ScheduledTask, validate } from 'node-cron';
import type { Logger } from '../log.ts';
import { Job, type JobCounts } from './job.ts';

export interface JobPlan {
  readonly name: string;
  /** Cron pattern, with seconds first if it has six fields; in UTC. */
  readonly pattern: string;
  readonly work: () => Promise<void>;
}

/** Wakes named jobs by the clock. The jobs look at rows with a due time, so a missed tick costs nothing but time. */
export class Scheduler {
  readonly #jobs: readonly Job[];
  readonly #tasks: readonly ScheduledTask[];

  /** Throws if a pattern cannot be read or a name is used twice. */
  constructor(plans: readonly JobPlan[], log: Logger) {
    if (new Set(plans.map(({ name }) => name)).size < plans.length) throw new Error('two jobs have the same name');
    this.#jobs = plans.map(({ name, work }) => new Job(name, work, log));
    this.#tasks = plans.map(({ name, pattern }) => {
      if (!validate(pattern)) throw new Error(`"${pattern}" of job ${name} is not a cron pattern`);
      const options = { name, timezone: 'UTC', suppressMissedWarning: true };
      return createTask(pattern, () => this.runNow(name), options);
    });
  }

  start(): void {
    for (const task of this.#tasks) void task.start();
  }

  /** No further runs; resolves when those under way are done. */
  async stop(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.destroy()));
    await Promise.all(this.#jobs.map((job) => job.settled()));
  }

  /** Runs a job out of turn, e.g. at start-up; resolves when it is done, or at once if it runs already. */
  async runNow(name: string): Promise<void> {
    const job = this.#jobs.find((each) => each.name === name);
    if (job === undefined) throw new Error(`there is no job ${name}`);
    await job.run();
  }

  counts(): Readonly<Record<string, JobCounts>> {
    return Object.fromEntries(this.#jobs.map((job) => [job.name, job.counts]));
  }
}
