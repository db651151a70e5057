import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, type CallJson, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { type ReceiverAct, WebhookReceiver } from '../support/webhook-receiver.ts';

/** What a slow webhook may take of a call; far less than anything else in it. */
const WITHIN_MS = 300;

let bridge: Bridge;
let crm: WebhookReceiver;
let scoring: WebhookReceiver;
let poorPort: number;
let richPort: number;

beforeAll(async () => {
  [crm, scoring] = [await WebhookReceiver.start(), await WebhookReceiver.start()];
  [poorPort, richPort] = [await freePort(), await freePort()];
  const destination = (port: number) => ({
    destinations: [{ uri: `sip:buyer@127.0.0.1:${port}`, headers: { 'X-Score': '[score]', 'X-Income': '[income]' } }],
  });
  bridge = await startBridge(
    testAccount({
      buyers: { poor: [], rich: [] },
      buyerSettings: { poor: destination(poorPort), rich: destination(richPort) },
      campaignSettings: {
        routes: [
          { buyer: 'rich', priority: 1, matches: ['income>=50000'] },
          { buyer: 'poor', priority: 2 },
        ],
        webhooks: [
          {
            id: 'crm',
            trigger: 'start',
            method: 'GET',
            url: `${crm.url}/lead?phone=[caller_number]`,
            answer: { tags: { income: 'lead.income' }, within_ms: WITHIN_MS },
          },
          {
            id: 'scoring',
            trigger: 'selected',
            url: `${scoring.url}/score`,
            matches: ['system_buyer_id==rich'],
            answer: { tags: { score: 'score' }, within_ms: WITHIN_MS },
          },
        ],
      },
    }),
  );
});
afterEach(() => {
  for (const receiver of [crm, scoring]) receiver.received.length = 0;
});
afterAll(async () => {
  await bridge?.stop();
  await crm?.stop();
  await scoring?.stop();
});

const json = (body: unknown): ReceiverAct => ({ status: 200, body: JSON.stringify(body) });

/** One call that a buyer takes; its INVITE and the call when it is over. */
async function callTo(port: number) {
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-hangs-up', { remote: bridge.sip, dialedNumber: NUMBER });
  await Promise.all([caller.exit, buyer.exit]);
  const [invite] = buyer.messages();
  const uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
  const call = await waitFor('the call to be over', async () => {
    const found = await bridge.call(uuid);
    return found['end_time'] === null ? undefined : found;
  });
  return { invite, call };
}

const tagsOf = (call: CallJson) => call['tags'].filter(({ source }: CallJson) => source === 'answer');
const answersOf = (call: CallJson) => call['routing'].answers as CallJson[];

/** What was asked at the start, once its try is written down. */
async function deliveryOf(call: CallJson): Promise<CallJson> {
  return waitFor('the try to be written down', async () => {
    const { deliveries } = await bridge.call(call['call_uuid']);
    const [asked] = deliveries.filter((each: CallJson) => each['webhook_id'] === 'crm');
    return asked?.tries.length > 0 ? asked : undefined;
  });
}

describe('answers as data (semantics §8)', () => {
  it('of `start` decide where the call goes, of `selected` what the buyer is told', async () => {
    crm.script(json({ lead: { income: 72_000 } }));
    scoring.script(json({ score: 'A+' }));
    const { invite, call } = await callTo(richPort);
    expect(call['buyer_id']).toBe('rich');
    expect(invite?.header('X-Income')).toBe('72000');
    expect(invite?.header('X-Score')).toBe('A+');
    expect(tagsOf(call).map(({ name, value }: CallJson) => [name, value])).toEqual([
      ['income', '72000'],
      ['score', 'A+'],
    ]);
    expect(crm.received.map(({ target }) => target)).toEqual(['/lead?phone=%2B12025550100']);
    expect(scoring.received).toHaveLength(1);
    expect(JSON.parse(scoring.received[0]?.body ?? '')).toMatchObject({
      type: 'call.selected',
      data: { system_buyer_id: 'rich', tags: { income: ['72000'] } },
    });
    expect(answersOf(call)).toEqual([
      {
        ...{ webhook_id: 'crm', trigger: 'start', elapsed_ms: expect.any(Number) },
        ...{ tags: [{ name: 'income', value: '72000' }], problem: null },
      },
      {
        ...{ webhook_id: 'scoring', trigger: 'selected', elapsed_ms: expect.any(Number) },
        ...{ tags: [{ name: 'score', value: 'A+' }], problem: null },
      },
    ]);
    expect(await deliveryOf(call)).toMatchObject({ state: 'delivered', trigger: 'start' });
  });

  it.each<[string, ReceiverAct, string, string]>([
    ['hangs', 'hang', `no answer within ${WITHIN_MS} ms`, 'dead'],
    ['drips', 'trickle', `no answer within ${WITHIN_MS} ms`, 'dead'],
    ['resets the connection', 'reset', 'ECONNRESET', 'dead'],
    ['is broken', { status: 500 }, 'answered 500', 'dead'],
    ['answers with a page', { status: 200, body: '<html>' }, 'the answer is not JSON', 'delivered'],
    ['answers with an object', json({ lead: { income: {} } }), 'not usable as a tag: income', 'delivered'],
  ])('an endpoint that %s costs the call its time at most, once, and is seen', async (_, act, problem, stateWanted) => {
    crm.script(act);
    const { call } = await callTo(poorPort);
    expect(call['buyer_id']).toBe('poor');
    expect(tagsOf(call)).toEqual([]);
    expect(answersOf(call)).toMatchObject([{ webhook_id: 'crm', tags: [] }]);
    expect(answersOf(call)[0]?.['problem']).toContain(problem);
    const invitedAfterMs = Date.parse(call['attempts'][0].invite_time) - Date.parse(call['start_time']);
    expect(invitedAfterMs).toBeLessThan(WITHIN_MS + 1_000);
    const { state, tries } = await deliveryOf(call);
    expect([state, tries.length]).toEqual([stateWanted, 1]);
    expect(crm.received).toHaveLength(1);
  });
});
