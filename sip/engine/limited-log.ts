import type { Log } from './transport/log.ts';

const INTERVAL_MS = 10_000;
const BURST = 10;

interface Interval {
  endsAt: number;
  written: number;
  suppressed: number;
}

/**
 * A log that writes each message at most ten times in ten seconds and says afterwards how often it did not: whoever can
 * send us packets can make us log, but not much. `now` in ms of a monotonic clock.
 */
export function limitedLog(log: Log, now: () => number): Log {
  const intervals = new Map<string, Interval>();
  return (level, message, fields) => {
    const interval = intervals.get(message);
    if (interval === undefined || now() >= interval.endsAt) {
      const suppressed = interval?.suppressed ?? 0;
      intervals.set(message, { endsAt: now() + INTERVAL_MS, written: 1, suppressed: 0 });
      log(level, message, suppressed === 0 ? fields : { ...fields, suppressed });
    } else if (interval.written < BURST) {
      interval.written += 1;
      log(level, message, fields);
    } else interval.suppressed += 1;
  };
}
