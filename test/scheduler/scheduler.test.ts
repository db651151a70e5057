import { afterEach, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { type JobPlan, Scheduler } from '../../src/scheduler/scheduler.ts';

const EVERY_SECOND = '* * * * * *';
let scheduler: Scheduler | undefined;

afterEach(() => scheduler?.stop());

function start(plans: JobPlan[], lines: string[] = []): Scheduler {
  scheduler = new Scheduler(plans, createLog('info', { write: (line) => void lines.push(line) }));
  scheduler.start();
  return scheduler;
}

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('the clock wakes a job', async () => {
  const { open, opened } = gate();
  start([{ name: 'sweep', pattern: EVERY_SECOND, work: async () => open() }]);
  await opened;
});

test('a job that still runs is not started again, and that is counted', async () => {
  const { open, opened } = gate();
  const one = start([{ name: 'slow', pattern: '0 0 1 1 *', work: () => opened }]);
  const first = one.runNow('slow');
  await one.runNow('slow');
  expect(one.counts()).toEqual({ slow: { runs: 1, failures: 0, overlaps: 1 } });
  open();
  await first;
  await one.runNow('slow');
  expect(one.counts()).toMatchObject({ slow: { runs: 2 } });
});

test('a failure is logged with the name of the job and does not stop the next run', async () => {
  const lines: string[] = [];
  const work = () => Promise.reject(new Error('disk full'));
  const one = start([{ name: 'prune', pattern: '0 0 1 1 *', work }], lines);
  await one.runNow('prune');
  await one.runNow('prune');
  expect(one.counts()).toEqual({ prune: { runs: 2, failures: 2, overlaps: 0 } });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', job: 'prune', msg: 'job failed' });
});

test('a job does not hold up another', async () => {
  const { open, opened } = gate();
  const one = start([
    { name: 'stuck', pattern: '0 0 1 1 *', work: () => opened },
    { name: 'quick', pattern: '0 0 1 1 *', work: async () => {} },
  ]);
  const stuck = one.runNow('stuck');
  await one.runNow('quick');
  expect(one.counts()).toMatchObject({ quick: { runs: 1 } });
  open();
  await stuck;
});

test('stop waits for the runs under way', async () => {
  const { open, opened } = gate();
  let done = false;
  const one = start([
    {
      name: 'last',
      pattern: '0 0 1 1 *',
      work: async () => {
        await opened;
        done = true;
      },
    },
  ]);
  void one.runNow('last');
  const stopped = one.stop();
  open();
  await stopped;
  expect(done).toBe(true);
});

test.each([
  ['a pattern that is none', [{ name: 'a', pattern: 'often', work: async () => {} }]],
  [
    'two jobs of one name',
    [
      { name: 'a', pattern: EVERY_SECOND, work: async () => {} },
      { name: 'a', pattern: EVERY_SECOND, work: async () => {} },
    ],
  ],
])('%s is refused', (_what, plans: JobPlan[]) => {
  expect(() => new Scheduler(plans, createLog('silent'))).toThrow();
});
