import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, type CallJson, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Closed today, whenever the test runs. */
const inThreeDays = [{ days: [WEEKDAYS[(new Date().getUTCDay() + 3) % 7]], from: '09:00', to: '10:00' }];

let bridge: Bridge;
let busyPort: number;
let goodPort: number;

/** A buyer that refuses and one that answers, among some who cannot take the call. */
function account() {
  const base = testAccount({ buyers: {} });
  const buyer = (id: string, port: number, more: object = {}) => {
    return { id, name: id, destinations: [`sip:${id}@127.0.0.1:${port}`], ring_timeout_seconds: 5, ...more };
  };
  const routes = [
    { buyer: 'resting' },
    { buyer: 'closed' },
    { buyer: 'elsewhere', matches: ['state==NY'] },
    { buyer: 'busy', weight: 2 },
    { buyer: 'good', priority: 2, matches: ['state==CA', 'system_publisher_id==radio'] },
  ];
  const repeat_callers = { mode: 'to_previous_buyer', within_days: 1 };
  return {
    ...base,
    buyers: [
      buyer('resting', 9, { paused: true }),
      buyer('closed', 9, { opening_hours: inThreeDays }),
      buyer('elsewhere', 9),
      buyer('busy', busyPort),
      buyer('good', goodPort, { caps: [{ per: 'concurrent', limit: 1 }] }),
    ],
    campaigns: base.campaigns.map((campaign) => ({ ...campaign, routes, repeat_callers })),
    numbers: [{ number: NUMBER, campaign: 'auto', publisher: 'radio', tags: { state: 'CA' } }],
  };
}

beforeAll(async () => {
  [busyPort, goodPort] = [await freePort(), await freePort()];
  bridge = await startBridge(account());
});
afterAll(() => bridge?.stop());

/** Places a call that `good` answers; resolves with its uuid while they talk. */
async function talk(talkMs: number) {
  const buyer = await startSipp('uas-ring-answer-expect-bye', { port: goodPort });
  const caller = await startSipp('uac-answered-hangs-up', {
    remote: bridge.sip,
    dialedNumber: NUMBER,
    set: { talk_ms: talkMs },
  });
  const uuid = await waitFor('the INVITE to arrive', async () => buyer.messages()[0]?.header('X-PH-RetreaverUUID'));
  const answered = () =>
    waitFor('the answer', async () => ((await bridge.call(uuid))['answer_time'] === null ? undefined : true));
  const over = async () => {
    await Promise.all([caller.exit, buyer.exit]);
    return waitFor('the end', async () => {
      const call = await bridge.call(uuid);
      return call['end_time'] === null ? undefined : call;
    });
  };
  return { uuid, answered, over };
}

const askRoute = async (caller: string) => {
  const response = await fetch(`${bridge.http}/api/v1/route`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dialed_number: NUMBER, caller_number: caller }),
  });
  return (await response.json()) as CallJson;
};

describe('the routing of real calls', () => {
  it('a buyer refuses, the next one answers; why can be read from the call, by API and by npm run explain', async () => {
    await using busy = await startSipp('uas-invite-refuse-480', { port: busyPort });
    const { uuid, over } = await talk(100);
    await busy.exit;
    const call = await over();
    expect(call['routing']).toMatchObject({
      candidates: [
        { buyer_ids: ['busy'], priority: 1, weight: 2, previous_buyer: false },
        { buyer_ids: ['good'], priority: 2, weight: 1, previous_buyer: false },
      ],
      skipped: [
        { buyer_id: 'resting', reason: 'paused' },
        { buyer_id: 'closed', reason: 'outside_opening_hours', detail: expect.stringMatching(/^closed: .* opens/) },
        { buyer_id: 'elsewhere', reason: 'tags_do_not_match', detail: 'wants state==NY; the call has state CA' },
      ],
    });
    const { status, output } = await runCli('explain', [uuid], { DATA_DIR: 'data' }, bridge.folder);
    expect(status).toBe(0);
    expect(lines(output)).toEqual(
      expect.arrayContaining([
        '1 busy 1 2',
        '2 good 2 1',
        expect.stringMatching(/^1 busy sip:busy@127\.0\.0\.1:\d+ 480 0\.\d s /),
        expect.stringMatching(/^2 good sip:good@127\.0\.0\.1:\d+ 200 \d\.\d s$/),
        'resting paused the buyer is paused',
        'elsewhere tags do not match wants state==NY; the call has state CA',
      ]),
    );
  });

  it('the same caller goes to the same buyer, the dry run said so, and sees its line in use', async () => {
    const before = await askRoute('+12025550100');
    expect(before.candidates[0]).toMatchObject({ buyer_ids: ['good'], previous_buyer: true, chance_to_be_first: 1 });

    const { answered, over } = await talk(1_500);
    await answered();
    const during = await askRoute('+12025550100');
    expect(during.skipped).toContainEqual({
      buyer_id: 'good',
      reason: 'cap_reached',
      detail: '1 of 1 concurrent calls',
    });
    expect(during.candidates).toMatchObject([{ buyer_ids: ['busy'] }]);

    const call = await over();
    expect(call['attempts']).toMatchObject([{ buyer_id: 'good', sip_status: 200 }]);
    expect(call['routing'].candidates).toMatchObject([
      { buyer_ids: ['good'], previous_buyer: true },
      { buyer_ids: ['busy'], previous_buyer: false },
    ]);
  });
});
