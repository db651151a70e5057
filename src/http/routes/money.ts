import { Router } from 'express';
import { z } from 'zod';
import type { correctByHand } from '../../calls/correct-by-hand.ts';
import type { noteDispute } from '../../calls/note-dispute.ts';
import type { Clock } from '../../clock.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import { parsePostedRevenue } from '../../domain/posted-revenue.ts';
import type { Store } from '../../store/store.ts';
import { callJson } from '../json/call-json.ts';
import { readJsonBody } from '../json-body.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface MoneyRouteDeps {
  readonly store: Store<{ correctByHand: typeof correctByHand; noteDispute: typeof noteDispute }>;
  readonly callKeys: Pick<CallKeys, 'derive'>;
  readonly clock: Clock;
  readonly wakeDeliveries: () => void;
}

const text = (what: string, longest: number) =>
  z.string(`write ${what}`).trim().min(1, `write ${what}`).max(longest, `at most ${longest} characters`);

const money = z.string('write a plain decimal like 10.00').transform((value, context) => {
  try {
    return parsePostedRevenue(value);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

export const correctionBody = z.strictObject({
  revenue: money.describe('what the buyer pays from now on'),
  payout: money.describe('what the publisher gets from now on'),
  reason: text('why', 500).describe('why, for the ledger'),
  person: text('who corrects', 64).describe('who corrects, for the ledger'),
  expected_ledger_seq: z
    .string('write the ledger_seq of the call as you have read it')
    .regex(/^\d{1,9}$/, 'write a number')
    .transform(Number)
    .describe('the ledger_seq of the call as you have read it: refused if it has moved'),
});

export const disputeBody = z.strictObject({
  note: text('what is disputed', 500).describe('what is disputed'),
  person: text('who disputes', 64).describe('who disputes'),
});

/** `POST /calls/{uuid}/corrections` and `/disputes`: a person's further rows in a call's ledger. */
export function moneyRoutes({ store, callKeys, clock, wakeDeliveries }: MoneyRouteDeps): Router {
  const router = Router();
  router.post('/calls/:uuid/corrections', async (req, res) => {
    const uuid = requireUuid(req.params.uuid);
    const { revenue, payout, reason, person, expected_ledger_seq } = await readJsonBody(req, correctionBody);
    const money = { revenueMicros: revenue, payoutMicros: payout };
    const input = { uuid, ...money, reason, person, expectedSeq: expected_ledger_seq, now: clock.now() };
    const { call, enqueued } = await store.correctByHand(input);
    if (enqueued > 0) wakeDeliveries();
    sendJson(res, 201, callJson(call, callKeys));
  });
  router.post('/calls/:uuid/disputes', async (req, res) => {
    const uuid = requireUuid(req.params.uuid);
    const { call } = await store.noteDispute({ uuid, ...(await readJsonBody(req, disputeBody)), now: clock.now() });
    sendJson(res, 201, callJson(call, callKeys));
  });
  return router;
}

function requireUuid(text: string): string {
  const uuid = parseUuid(text);
  if (uuid === undefined) throw new HttpProblem('call_unknown', 'There is no such call.');
  return uuid;
}
