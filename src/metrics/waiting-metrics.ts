import { Gauge, type Registry } from 'prom-client';
import type { countWaiting, WaitingCounts } from '../calls/count-waiting.ts';
import type { Store } from '../store/store.ts';
import { askOnce } from './ask-once.ts';

/** What is asked of the store when somebody looks, and of nobody before; nothing is shown while the database is away. */
export function addWaitingMetrics(
  registry: Registry,
  store: Store<{ countWaiting: typeof countWaiting }>,
  now: () => number,
): void {
  const ask = askOnce(() => store.countWaiting({ now: now() }));
  const gauge = (name: string, help: string, read: (counts: WaitingCounts) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        const found = await ask();
        if (found === undefined) this.reset();
        else this.set(read(found));
      },
    });
  gauge('bridge_postback_windows_open', 'Calls whose window runs; 10,000 stands for more.', (found) => found.windows);
  gauge(
    'bridge_postback_window_late_seconds',
    'Since when the window waits that should have been decided first.',
    (found) => found.windowLateMs / 1_000,
  );
  gauge(
    'bridge_webhook_deliveries_due',
    'Deliveries to be made or made again; 10,000 stands for more.',
    (found) => found.deliveries,
  );
  gauge(
    'bridge_webhook_delivery_late_seconds',
    'Since when the delivery waits that should have been made first.',
    (found) => found.deliveryLateMs / 1_000,
  );
  gauge('bridge_webhooks_off', 'Webhooks that were switched off.', (found) => found.webhooksOff);
  new Gauge({
    name: 'bridge_buyer_lines',
    help: 'Lines taken, of buyers with any.',
    labelNames: ['buyer'],
    registers: [registry],
    async collect() {
      this.reset();
      const found = await ask();
      for (const { buyerId, lines } of found?.lines ?? []) this.set({ buyer: buyerId }, lines);
    },
  });
}
