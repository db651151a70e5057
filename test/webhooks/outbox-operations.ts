import type { OperationContext } from '../../src/store/store.ts';
import type { DeliveryRow, DeliveryTryRow } from '../../src/store/tables.ts';
import { claimDeliveries } from '../../src/webhooks/claim-deliveries.ts';
import { enqueueWebhooks } from '../../src/webhooks/enqueue.ts';
import { freeLeases } from '../../src/webhooks/free-leases.ts';
import { nextDueDelivery } from '../../src/webhooks/next-due.ts';
import { recordTry } from '../../src/webhooks/record-try.ts';
import { replayDelivery } from '../../src/webhooks/replay-delivery.ts';

/** Loaded by the store's thread in tests of the outbox: its own operations, and a look at the rows. */
export const operations = {
  claimDeliveries,
  enqueueWebhooks,
  freeLeases,
  nextDueDelivery,
  recordTry,
  replayDelivery,
  readDeliveries: ({ db }: OperationContext, _: object): Promise<DeliveryRow[]> =>
    db.selectFrom('deliveries').selectAll().orderBy('id').execute(),
  readTries: ({ db }: OperationContext, _: object): Promise<DeliveryTryRow[]> =>
    db.selectFrom('delivery_tries').selectAll().orderBy('delivery_id').orderBy('try_number').execute(),
};
