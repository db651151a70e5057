import type { Logger } from './log.ts';
import type { Telephony } from './telephony/telephony.ts';

/** A call that is hung up is over when that is written down; with the database away it never would be. */
const HANG_UP_LIMIT_MS = 10_000;

/** First SIGTERM or SIGINT: an orderly stop. A second one is final. */
export function onStopSignal(log: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const handle = (signal: NodeJS.Signals) => {
    if (stopping) {
      log.warn({ signal }, 'second signal: stopping at once');
      process.exit(1);
    }
    stopping = true;
    log.info({ signal }, 'stopping');
    stop().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (err: unknown) => die(log, err, 'the stop failed'),
    );
  };
  process.on('SIGTERM', handle);
  process.on('SIGINT', handle);
}

/** New calls are refused, running ones may finish within the limit, then both legs are hung up. */
export async function drain(telephony: Telephony, limitMs: number, log: Logger): Promise<void> {
  telephony.drain();
  const { liveCalls } = telephony;
  if (liveCalls.count > 0) log.info({ calls: liveCalls.count, limitMs }, 'waiting for running calls');
  if (await liveCalls.wait(limitMs)) return;
  log.warn({ calls: liveCalls.count }, 'running calls are hung up');
  void liveCalls.hangUpAll('shutdown');
  if (await liveCalls.wait(HANG_UP_LIMIT_MS)) return;
  log.error({ calls: liveCalls.count }, 'ends of calls are not written down: the next start does it');
}

/** Half alive is worse than dead: whoever supervises the process starts it again, and open calls are put right then. */
export function die(log: Logger, err: unknown, what: string): never {
  log.fatal({ err }, what);
  process.exit(1);
}
