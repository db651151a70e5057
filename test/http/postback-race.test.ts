import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AcceptanceCall, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';

const ROUNDS = 60;
/** Sockets that post the same sale at once. */
const SENDERS = 6;
const WINDOW_ENDS = T0 + 600 * SECOND;

let service: MoneyService;
beforeAll(async () => {
  const many = { burst: 1e6, perSecond: 1e6 };
  service = await startMoneyService({ limits: { perSource: many, failed: many } });
});
afterAll(() => service[Symbol.asyncDispose]());

async function decisionsOf(call: AcceptanceCall): Promise<string[]> {
  const { events } = await call.record();
  return events.map(({ type }) => type).filter((type) => type === 'converted' || type === 'not_converted');
}

describe('acceptance 6: postbacks over many sockets and the sweep at the same instant', () => {
  it.each([['the sweep first'], ['the postbacks first']])('%s: never two decisions of a kind', async (order) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const call = await endedCall(service.store, { buyer: 'A' });
      service.clock.at = WINDOW_ENDS;
      const sweep = () => service.store.expireWindows({ now: WINDOW_ENDS, limit: 10 });
      const post = () => Array.from({ length: SENDERS }, () => service.postback(call.uuid, 'revenue=10.00'));
      const answers = order === 'the sweep first' ? [sweep(), ...post()] : [...post(), sweep()];
      // biome-ignore lint/suspicious/noExplicitAny: answers of the sweep among those of the postbacks
      const replies = ((await Promise.all(answers)) as any[]).filter((answer) => 'body' in answer);
      expect(replies.map(({ status }) => status)).toEqual(new Array(SENDERS).fill(200));
      const statuses = replies.map(({ body }) => body.status);
      expect(statuses.filter((status) => status === 'converted')).toHaveLength(1);
      expect(statuses.filter((status) => status === 'unchanged')).toHaveLength(SENDERS - 1);
      const decisions = await decisionsOf(call);
      expect([['converted'], ['not_converted', 'converted']]).toContainEqual(decisions);
      const { call: row, ledger } = await call.record();
      expect(row).toMatchObject({ state: 'converted', late: decisions.length - 1 });
      expect(ledger).toHaveLength(1);
    }
  });
});
