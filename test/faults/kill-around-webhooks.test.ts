import { describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { type ReceivedWebhook, WebhookReceiver } from '../support/webhook-receiver.ts';

/** Requests to one endpoint at the same time. */
const SLOTS = 8;
const EVENTS = 12;

async function soldCall(bridge: Bridge, port: number): Promise<{ uuid: string; key: string }> {
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-hangs-up', { remote: bridge.sip, dialedNumber: NUMBER });
  await Promise.all([caller.exit, buyer.exit]);
  const [invite] = buyer.messages();
  return { uuid: invite?.header('X-PH-RetreaverUUID') ?? '', key: invite?.header('X-PH-RetreaverKey') ?? '' };
}

const idsOf = (requests: readonly ReceivedWebhook[]) => requests.map(({ headers }) => String(headers['webhook-id']));
const tagOf = ({ body }: ReceivedWebhook): string[] => JSON.parse(body).data.tags.n;

describe('kill -9 around webhooks (semantics §8: at least once, one id)', () => {
  it('what was committed but not sent goes out once, what was sent but not written down again under its id', async () => {
    const receiver = await WebhookReceiver.start();
    const port = await freePort();
    const webhooks = [{ id: 'tags', trigger: 'tags_added', url: `${receiver.url}/tags` }];
    let bridge = await startBridge(
      testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] }, campaignSettings: { webhooks } }),
    );
    try {
      const { uuid, key } = await soldCall(bridge, port);
      receiver.script('hang');
      for (let n = 1; n <= EVENTS; n++) {
        const reply = await bridge.postback(uuid, 'add_tags', { key, n: `${n}` });
        expect(reply.body).toMatchObject({ status: 'tagged', added: [`n:${n}`] });
      }
      const sent = [...(await receiver.count(SLOTS))];
      expect(sent).toHaveLength(SLOTS);
      await bridge.kill();

      receiver.received.length = 0;
      receiver.script({ status: 200 });
      bridge = await bridge.restart();
      const after = await receiver.count(EVENTS);
      const delivered = await waitFor('all to be written down', async () => {
        const { deliveries } = await bridge.call(uuid);
        return deliveries.every(({ state }: { state: string }) => state === 'delivered') ? deliveries : undefined;
      });
      expect(delivered).toHaveLength(EVENTS);
      expect(after).toHaveLength(EVENTS);
      const ids = idsOf(after);
      expect(new Set(ids).size).toBe(EVENTS);
      expect(ids.sort()).toEqual(delivered.map(({ event_id }: { event_id: string }) => event_id).sort());
      expect(idsOf(sent).filter((id) => ids.includes(id))).toHaveLength(SLOTS);
      for (const before of sent) {
        const again = after.find(({ headers }) => headers['webhook-id'] === before.headers['webhook-id']);
        expect(again && tagOf(again)).toEqual(tagOf(before));
      }
    } finally {
      await bridge.stop();
      await receiver.stop();
    }
  });
});
