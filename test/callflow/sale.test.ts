import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

/** Short enough to wait for, long enough to post back in. */
const WINDOW_SECONDS = 2;

let bridge: Bridge;
let receiver: WebhookReceiver;
let portA: number;
let portB: number;
let portC: number;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  [portA, portB, portC] = [await freePort(), await freePort(), await freePort()];
  bridge = await startBridge(
    testAccount({
      buyers: {
        A: [`sip:a@127.0.0.1:${portA}`],
        B: [`sip:b@127.0.0.1:${portB}`],
        C: [`sip:c@127.0.0.1:${portC}`],
      },
      webhooks: receiver.url,
      postbackTimeoutSeconds: WINDOW_SECONDS,
    }),
  );
});
afterAll(async () => {
  await bridge?.stop();
  await receiver?.stop();
});

interface Sold {
  readonly uuid: string;
  readonly key: string;
}

/** A whole call to one buyer, the ones before it refusing; resolves when it is over. */
async function callTo(buyer: 'A' | 'B' | 'C', talkMs = 200): Promise<Sold> {
  const ports = { A: portA, B: portB, C: portC };
  const before = (['A', 'B', 'C'] as const).filter((name) => name < buyer);
  const refusing = await Promise.all(
    before.map((name) => startSipp('uas-invite-refuse-480', { port: ports[name], status: 486 })),
  );
  await using taking = await startSipp('uas-ring-answer-expect-bye', { port: ports[buyer] });
  await using caller = await startSipp('uac-answered-hangs-up', {
    remote: bridge.sip,
    dialedNumber: NUMBER,
    set: { talk_ms: talkMs },
  });
  await Promise.all([caller.exit, taking.exit, ...refusing.map((each) => each.exit)]);
  const [invite] = taking.messages();
  const sold = { uuid: invite?.header('X-PH-RetreaverUUID') ?? '', key: invite?.header('X-PH-RetreaverKey') ?? '' };
  await waitFor('the call to be over', async () => (await bridge.call(sold.uuid))['end_time'] !== null);
  return sold;
}

/** Triggers received for a call, with the money they told, in the order in which they came. */
function webhooksOf({ uuid }: Sold) {
  return receiver.received
    .map(({ target }) => new URL(target, receiver.url).searchParams)
    .filter((query) => query.get('uuid') === uuid)
    .map((query) => ({
      trigger: query.get('trigger'),
      revenue: query.get('revenue'),
      payout: query.get('payout'),
      late: query.get('late'),
    }));
}

const triggersOf = (sold: Sold) => webhooksOf(sold).map(({ trigger }) => trigger);

async function webhooksCome(sold: Sold, ...triggers: string[]): Promise<void> {
  await waitFor(`the webhooks ${triggers.join(', ')}`, () =>
    triggers.every((trigger) => triggersOf(sold).includes(trigger)),
  );
}

describe('a sale', () => {
  it('1: by posted revenue becomes money at once: 10.00 and *0.8 of it', async () => {
    const sold = await callTo('A');
    await webhooksCome(sold, 'answered');
    expect(triggersOf(sold)).toEqual(['answered']);
    const reply = await bridge.postback(sold.uuid, 'set_value', { key: sold.key, revenue: '10.00' });
    expect(reply).toEqual({
      status: 200,
      body: { call_uuid: sold.uuid, status: 'converted', revenue: '10.00', payout: '8.00' },
    });
    await webhooksCome(sold, 'ended', 'converted');
    expect(triggersOf(sold).sort()).toEqual(['answered', 'converted', 'ended']);
    expect(webhooksOf(sold).find(({ trigger }) => trigger === 'converted')).toMatchObject({
      revenue: '10.00',
      payout: '8.00',
    });
    const call = await bridge.call(sold.uuid);
    expect(call).toMatchObject({ status: 'converted', revenue: '10.00', payout: '8.00', postback_value: '10.00' });
    expect(call['ledger']).toHaveLength(1);
  });

  it('10: by trigger pays the fixed amounts, whatever revenue is posted beside it', async () => {
    const sold = await callTo('B');
    const reply = await bridge.postback(sold.uuid, 'set_value', { key: sold.key, sale: 'true', revenue: '99' });
    expect(reply.body).toMatchObject({ status: 'converted', revenue: '50.00', payout: '30.00' });
    await webhooksCome(sold, 'ended', 'converted');
    expect(await bridge.call(sold.uuid)).toMatchObject({ status: 'converted', postback_value: '99' });
  });

  it('11: by duration is decided when the call ends, with no window', async () => {
    const sold = await callTo('C', 1_300);
    await webhooksCome(sold, 'answered', 'ended', 'converted');
    expect(await bridge.call(sold.uuid)).toMatchObject({ status: 'converted', revenue: '20.00', payout: '10.00' });
  });

  it('2, 3: that never comes is not_converted when the window is over; one that comes later is late, but paid', async () => {
    const sold = await callTo('A');
    await webhooksCome(sold, 'answered');
    expect(triggersOf(sold)).toEqual(['answered']);
    await webhooksCome(sold, 'ended', 'not_converted');
    const call = await bridge.call(sold.uuid);
    expect(call).toMatchObject({ status: 'not_converted', revenue: '0.00', payout: '0.00', late: false });
    expect(Date.parse(call['decision_time']) - Date.parse(call['end_time'])).toBeGreaterThanOrEqual(
      WINDOW_SECONDS * 1000,
    );

    const reply = await bridge.postback(sold.uuid, 'set_value', { key: sold.key, revenue: '25' });
    expect(reply.body).toMatchObject({ status: 'converted', revenue: '25.00', payout: '20.00' });
    await webhooksCome(sold, 'converted');
    expect(triggersOf(sold).sort()).toEqual(['answered', 'converted', 'ended', 'not_converted']);
    expect(await bridge.call(sold.uuid)).toMatchObject({ status: 'converted', late: true });
  });

  it('4: posted again changes nothing; another value corrects it in a second ledger row', async () => {
    const sold = await callTo('A');
    const post = async (revenue: string) =>
      (await bridge.postback(sold.uuid, 'set_value', { key: sold.key, revenue })).body;
    expect(await post('10.00')).toMatchObject({ status: 'converted' });
    expect(await post('10.00')).toMatchObject({ status: 'unchanged' });
    expect(await post('12')).toMatchObject({ status: 'corrected', revenue: '12.00', payout: '9.60' });
    await webhooksCome(sold, 'ended', 'converted');
    const call = await bridge.call(sold.uuid);
    expect(call['ledger'].map((row: { revenue: string }) => row.revenue)).toEqual(['10.00', '12.00']);
    expect(triggersOf(sold).filter((trigger) => trigger === 'converted')).toHaveLength(1);
  });

  it('attaches tags to the call', async () => {
    const sold = await callTo('A');
    const reply = await bridge.postback(sold.uuid, 'add_tags', {
      key: sold.key,
      product: 'auto',
      system_buyer_id: 'B',
    });
    expect(reply.status).toBe(200);
    expect(reply.body['ignored']).toEqual(['system_buyer_id']);
    const { tags } = (await bridge.call(sold.uuid)) as unknown as {
      tags: { name: string; value: string; source: string }[];
    };
    expect(tags).toContainEqual(expect.objectContaining({ name: 'product', value: 'auto', source: 'postback' }));
  });

  it.each([
    ['a wrong key', { key: 'f'.repeat(40), revenue: '10' }, 403],
    ['no key', { revenue: '10' }, 401],
  ])('with %s is refused and changes nothing', async (_title, query, status) => {
    const sold = await callTo('A');
    const reply = await bridge.postback(sold.uuid, 'set_value', query as Record<string, string>);
    expect(reply.status).toBe(status);
    expect(await bridge.call(sold.uuid)).toMatchObject({ status: 'pending', revenue: '0.00', postbacks: [] });
  });

  it('with an unreadable revenue is refused 422 and changes nothing', async () => {
    const sold = await callTo('A');
    const reply = await bridge.postback(sold.uuid, 'set_value', { key: sold.key, revenue: '1,000' });
    expect(reply.status).toBe(422);
    expect(await bridge.call(sold.uuid)).toMatchObject({ status: 'pending', revenue: '0.00' });
  });
});

describe('a dead webhook receiver', () => {
  it('is tried again later and disturbs nobody', async () => {
    receiver.script('reset', { status: 200 });
    const sold = await callTo('A');
    await bridge.postback(sold.uuid, 'set_value', { key: sold.key, revenue: '10' });
    // Whichever delivery met the dead connection, perhaps an earlier call's: it came through at a later try.
    await waitFor('a failed try and then a good one', async () => (await allTries()).some(failedThenDelivered), {
      timeoutMs: 15_000,
    });
  });
});

type Tries = readonly { readonly error: string | null }[];

/** The tries of every delivery of every call. */
async function allTries(): Promise<Tries[]> {
  const calls = await Promise.all((await bridge.calls()).map(({ call_uuid }) => bridge.call(call_uuid)));
  return calls.flatMap((call) => call['deliveries'].map((delivery: { tries: Tries }) => delivery.tries));
}

function failedThenDelivered(tries: Tries): boolean {
  return tries.length === 2 && tries[0]?.error !== null && tries[1]?.error === null;
}

describe('a crash in the call', () => {
  it('20: closes the call with an estimated end, runs its window, and takes the sale', async () => {
    const port = await freePort();
    const account = testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] }, webhooks: receiver.url });
    const first = await startBridge(account);
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
    await using caller = await startSipp('uac-answered-hangs-up', {
      remote: first.sip,
      dialedNumber: NUMBER,
      set: { talk_ms: 10_000 },
    });
    caller.exit.catch(() => undefined);
    buyer.exit.catch(() => undefined);
    await waitFor('the answer to be recorded', async () => (await first.calls())[0]?.['answer_time']);
    await first.kill();
    const killedAt = Date.now();
    await using second = await first.restart();
    const [invite] = buyer.messages();
    const uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
    const key = invite?.header('X-PH-RetreaverKey') ?? '';
    const closed = await second.call(uuid);
    expect(closed).toMatchObject({ end_estimated: true, status: 'pending', buyer_id: 'A' });
    expect(Date.parse(closed['end_time'])).toBeLessThanOrEqual(killedAt); // nobody pays for the outage
    const reply = await second.postback(uuid, 'set_value', { key, revenue: '10' });
    expect(reply.body).toMatchObject({ status: 'converted', payout: '8.00' });
  });
});
