// Loaded into the service before it starts (NODE_OPTIONS=--import): writes down how late its main thread is.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

/** How late turns of the loop were, in ms; `collection` the longest pause for collecting garbage, which is in it. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly collection: number;
}

const RESOLUTION_MS = 1;
const NANOS = 1e6;
const file = process.env['LOOP_DELAY_FILE'];

if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let collection = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collection = Math.max(collection, duration);
  }).observe({ entryTypes: ['gc'] });
  delay.enable();
  // Writes what was since the last time.
  process.on('SIGWINCH', () => {
    const late = (nanos: number) => Math.max(0, nanos / NANOS - RESOLUTION_MS);
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(late);
    writeFileSync(file, JSON.stringify({ p50, p99, max, collection }));
    delay.reset();
    collection = 0;
  });
}
