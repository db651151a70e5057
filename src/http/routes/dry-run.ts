import { Router } from 'express';
import type { routingFacts } from '../../calls/routing-facts.ts';
import type { Clock } from '../../clock.ts';
import type { Account } from '../../domain/account.ts';
import type { Buyer } from '../../domain/buyer.ts';
import { dryRun } from '../../domain/dry-run.ts';
import type { Store } from '../../store/store.ts';
import { readDryRunRequest } from '../dry-run-request.ts';
import { dryRunJson } from '../json/dry-run-json.ts';
import { sendJson } from '../send-json.ts';

export interface DryRunDeps {
  readonly store: Store<{ routingFacts: typeof routingFacts }>;
  readonly clock: Clock;
  /** The one that calls are routed by at the moment. */
  readonly account: () => Account;
  readonly isReachable?: ((buyer: Buyer) => boolean) | undefined;
}

/** `POST /route`: who would get a call, and why nobody else would; nothing is dialled and nothing changed. */
export function dryRunRoutes({ store, clock, account: current, isReachable }: DryRunDeps): Router {
  const router = Router();
  router.post('/route', async (req, res) => {
    const account = current();
    const request = await readDryRunRequest(req, account.timeZone);
    const facts = store.routingFacts;
    sendJson(res, 200, dryRunJson(await dryRun(request, { account, now: clock.now(), facts, isReachable })));
  });
  return router;
}
