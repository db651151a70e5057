import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const TOKEN = 'operator-token-of-the-tests';

let bridge: Bridge;
let receiver: WebhookReceiver;
let buyerPort: number;

const scrape = async (authorization = `Bearer ${TOKEN}`) =>
  fetch(`${bridge.http}/metrics`, { headers: { authorization } });
const text = async () => (await scrape()).text();

/** Value of a sample by its name and labels as written; 0 where there is none. */
function valueIn(metrics: string, sample: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(`${sample} `));
  return line === undefined ? 0 : Number(line.slice(sample.length));
}

beforeAll(async () => {
  [receiver, buyerPort] = [await WebhookReceiver.start(), await freePort()];
  const account = testAccount({
    buyers: { A: [`sip:a@127.0.0.1:${buyerPort}`] },
    buyerSettings: { A: { caps: [{ per: 'concurrent', limit: 5 }] } },
    webhooks: receiver.url,
  });
  bridge = await startBridge(account, { OPERATOR_TOKEN: TOKEN });
});
afterAll(async () => {
  await bridge?.stop();
  await receiver?.stop();
});

describe('/metrics', () => {
  it('is for operators only', async () => {
    expect((await fetch(`${bridge.http}/metrics`)).status).toBe(401);
    expect((await scrape('Bearer wrong')).status).toBe(403);
    const { status, headers } = await scrape();
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  });

  it('tells of a call while it runs and when it is over, of its postback and its webhooks', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
    await using caller = await startSipp('uac-answered-hangs-up', {
      ...{ remote: bridge.sip, dialedNumber: NUMBER, set: { talk_ms: 1_500 } },
    });
    const during = await waitFor('the call to be up', async () => {
      const metrics = await text();
      return valueIn(metrics, 'bridge_sip_dialogs') === 2 ? metrics : undefined;
    });
    expect(valueIn(during, 'bridge_calls_running')).toBe(1);
    expect(valueIn(during, 'bridge_buyer_lines{buyer="A"}')).toBe(1);
    await Promise.all([caller.exit, buyer.exit]);
    const [invite] = buyer.messages();
    const uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
    await waitFor('the end to be written', async () => (await text()).includes('bridge_postback_windows_open 1'));
    await bridge.postback(uuid, 'set_value', { key: invite?.header('X-PH-RetreaverKey') ?? '', revenue: '10.00' });
    await bridge.postback(uuid, 'set_value', { key: '0'.repeat(40), revenue: '10.00' });
    const after = await waitFor('the webhooks', async () => {
      const metrics = await text();
      const told = valueIn(metrics, 'bridge_webhook_tries_total{trigger="converted",state="delivered"}');
      return told === 1 ? metrics : undefined;
    });
    const samples = {
      'bridge_calls_total{result="completed",fault="none"}': 1,
      bridge_calls_running: 0,
      bridge_call_setup_seconds_count: 1,
      'bridge_call_setup_seconds_bucket{le="4"}': 1,
      'bridge_call_connected_seconds_bucket{le="1"}': 0,
      'bridge_call_connected_seconds_bucket{le="5"}': 1,
      'bridge_http_requests_total{route="set_value",status="200"}': 1,
      'bridge_http_requests_total{route="set_value",status="403"}': 1,
      bridge_postback_windows_open: 0,
      bridge_webhook_deliveries_due: 0,
      bridge_webhooks_off: 0,
      bridge_sip_dialogs: 0,
    };
    for (const [sample, value] of Object.entries(samples))
      expect([sample, valueIn(after, sample)]).toEqual([sample, value]);
    expect(valueIn(after, 'bridge_sip_messages_received_total')).toBeGreaterThanOrEqual(6);
    expect(valueIn(after, 'bridge_store_batch_seconds_count')).toBeGreaterThan(5);
    expect(valueIn(after, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('tells of INVITEs that were refused', async () => {
    await using caller = await startSipp('uac-invite-expect-480', { remote: bridge.sip, dialedNumber: '+18005559999' });
    await caller.exit.catch(() => undefined);
    const refused = valueIn(await text(), 'bridge_calls_refused_total{cause="unknown_number"}');
    expect(refused).toBeGreaterThanOrEqual(1);
  });

  it('gives no caller number, key or secret away', async () => {
    expect(await text()).not.toMatch(/\+1\d{10}|[0-9a-f]{40}|whsec_/);
  });
});
