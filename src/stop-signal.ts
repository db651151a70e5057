import type { Logger } from './log.ts';
import type { Telephony } from './telephony/telephony.ts';

/** Running calls may go on for so long after a SIGTERM; then both legs are hung up. */
const DRAIN_LIMIT_MS = 60_000;

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

/** New calls are refused, running ones may finish (bounded), then they are hung up. */
export async function drain(telephony: Telephony, log: Logger): Promise<void> {
  telephony.drain();
  const { liveCalls } = telephony;
  if (liveCalls.count > 0) log.info({ calls: liveCalls.count, limitMs: DRAIN_LIMIT_MS }, 'waiting for running calls');
  if (await liveCalls.wait(DRAIN_LIMIT_MS)) return;
  log.warn({ calls: liveCalls.count }, 'running calls are hung up');
  await liveCalls.hangUpAll('shutdown');
}

/** Half alive is worse than dead: whoever supervises the process starts it again, and open calls are put right then. */
export function die(log: Logger, err: unknown, what: string): never {
  log.fatal({ err }, what);
  process.exit(1);
}
