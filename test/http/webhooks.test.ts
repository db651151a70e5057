import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Webhook } from '../../src/domain/account.ts';
import { createLog } from '../../src/log.ts';
import { DeliveryWorker } from '../../src/webhooks/delivery-worker.ts';
import { HttpSender } from '../../src/webhooks/http-sender.ts';
import { DAY, endedCall, SECOND, T0 } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';
import { waitFor } from '../support/wait-for.ts';
import { type ReceivedWebhook, WebhookReceiver } from '../support/webhook-receiver.ts';

const SECRET = 'a secret of the tests';

let service: MoneyService;
let receiver: WebhookReceiver;
let worker: DeliveryWorker;
let sender: HttpSender;
let log: Record<string, unknown>[];

const hook = (changes: Partial<Webhook> = {}): Webhook => ({
  ...{ id: 'crm', trigger: 'converted', method: 'POST', url: `${receiver.url}/hook`, headers: {}, body: undefined },
  ...{ matches: [], trusted: false },
  ...changes,
});

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  service = await startMoneyService();
  await service.configure({ webhooks: [hook()] });
  log = [];
  sender = new HttpSender({ allowedNetworks: ['127.0.0.0/8'] });
  worker = new DeliveryWorker({
    store: service.store,
    sender,
    secrets: { callKeys: service.keys, signingSecret: SECRET },
    log: createLog('info', { write: (line) => void log.push(JSON.parse(line)) }),
    clock: { now: () => service.clock.at },
    random: () => 0.5,
    owner: 'worker',
  });
  worker.start();
});
afterEach(async () => {
  await worker.stop();
  sender.close();
  await service[Symbol.asyncDispose]();
  await receiver.stop();
});

const post = (path: string, body: object = {}) =>
  service.send(`/api/v1${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const get = async (path: string) => (await service.send(`/api/v1${path}`)).body;

/** A sale, its webhook on its way. */
async function sale() {
  const call = await endedCall(service.store, { buyer: 'A' });
  await service.postback(call.uuid, 'revenue=10.00');
  worker.wake();
  return call;
}
const got = (count: number) => waitFor(`${count} requests`, () => receiver.received.length >= count || undefined);
const stateOf = async () => (await get('/webhooks')).webhooks[0];
const dead = async () => (await get('/webhooks/crm/deliveries?state=dead')).deliveries;

/** As a receiver does it, with the library of Standard Webhooks; its clock is the real one, so the timestamp is not asked for. */
function isSignedWith(secret: string, { headers, body }: ReceivedWebhook): boolean {
  const id = String(headers['webhook-id']);
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  return String(headers['webhook-signature'])
    .split(' ')
    .includes(new Verifier(secret).sign(id, at, body));
}

describe('webhooks for operators (semantics §8)', () => {
  it('are listed with where they go and that all is well; a webhook nobody knows is 404', async () => {
    expect(await stateOf()).toMatchObject({ webhook_id: 'crm', campaign_id: 'auto', state: 'on', failing_since: null });
    expect((await post('/webhooks/nobody/replay', { since: '2026-01-01T00:00:00Z' })).status).toBe(404);
  });

  it('410 switches one off, loudly: nothing more goes out, later events wait dead, and both go out once it is on again', async () => {
    receiver.script({ status: 410 });
    const call = await sale();
    await waitFor('off', async () => (await stateOf()).state === 'off' || undefined);
    expect(await stateOf()).toMatchObject({ off_reason: 'gone' });
    expect(log).toContainEqual(expect.objectContaining({ level: 'error', webhookId: 'crm', reason: 'gone' }));
    await service.postback((await endedCall(service.store, { buyer: 'A', caller: '+14155550002' })).uuid, 'revenue=7');
    worker.wake();
    await waitFor('two dead', async () => (await dead()).length === 2 || undefined);
    expect(receiver.received).toHaveLength(1);
    const since = new Date(T0 - DAY).toISOString();
    expect((await post('/webhooks/crm/replay', { since })).body).toMatchObject({ status: 409, code: 'webhook_off' });
    receiver.script({ status: 204 });
    expect((await post('/webhooks/crm/switch-on')).body).toMatchObject({ state: 'on', off_reason: null });
    expect((await post('/webhooks/crm/replay', { since })).body).toEqual({ webhook_id: 'crm', replayed: 2 });
    worker.wake();
    await got(3);
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids.slice(1)).toContain(ids[0]);
    await waitFor('none dead', async () => (await dead()).length === 0 || undefined);
    const { deliveries } = await get('/webhooks/crm/deliveries?state=delivered');
    expect(deliveries.find((each: { call_uuid: string }) => each.call_uuid === call.uuid).tries).toMatchObject([
      { http_status: 410 },
      { http_status: 204 },
    ]);
  });

  it('an endpoint failing for five days is switched off, one success before that and it is not', async () => {
    receiver.script({ status: 400 });
    await sale();
    await waitFor('failing', async () => (await stateOf()).failing_since !== null || undefined);
    service.clock.at += 5 * DAY + SECOND;
    expect(await stateOf()).toMatchObject({ state: 'on' });
    await sale();
    await waitFor('off', async () => (await stateOf()).state === 'off' || undefined);
    expect(await stateOf()).toMatchObject({
      off_reason: 'failing',
      failing_since: new Date(T0 + 10_000).toISOString(),
    });
  });

  it('one delivery is replayed with the same event id; one that is still to be made is not', async () => {
    receiver.script({ status: 400 });
    await sale();
    const [delivery] = await waitFor('dead', async () => {
      const list = await dead();
      return list.length > 0 ? list : undefined;
    });
    receiver.script({ status: 200 });
    expect((await post(`/deliveries/${delivery.delivery_id}/replay`)).status).toBe(202);
    worker.wake();
    await got(2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id']);
    expect((await post('/deliveries/nothing.crm/replay')).body).toMatchObject({ code: 'delivery_unknown' });
  });

  it('are signed so that the library of Standard Webhooks verifies them; with two secrets while one is rotated out', async () => {
    const { secret: old } = await get('/webhooks/crm/secret');
    await sale();
    await got(1);
    expect(isSignedWith(old, receiver.received[0]!)).toBe(true);
    const { body: rotated } = await post('/webhooks/crm/rotate-secret', { keep_hours: '1' });
    expect(rotated).toMatchObject({ previous_secret: old, previous_valid_until: expect.any(String) });
    expect(rotated.secret).not.toBe(old);
    await sale();
    await got(2);
    expect(isSignedWith(old, receiver.received[1]!)).toBe(true);
    expect(isSignedWith(rotated.secret, receiver.received[1]!)).toBe(true);
    service.clock.at += 3_600 * SECOND + 1;
    await sale();
    await got(3);
    expect(isSignedWith(old, receiver.received[2]!)).toBe(false);
    expect(isSignedWith(rotated.secret, receiver.received[2]!)).toBe(true);
    expect(await get('/webhooks/crm/secret')).toMatchObject({ secret: rotated.secret, previous_secret: null });
  });

  it('can be looked at and tried with a sample and with a real call; the key is shown to nobody, nothing is stored', async () => {
    const url = `${receiver.url}/a/[call_uuid]?tag=[channel]&key=[call_key]`;
    await service.configure({ webhooks: [hook({ url, method: 'GET', trusted: true })] });
    const preview = (await post('/webhooks/crm/test', { send: false })).body;
    expect(preview.request).toMatchObject({ method: 'GET', url: expect.stringContaining('tag=sample&key=[call_key]') });
    expect(preview.result).toBeUndefined();
    expect(receiver.received).toHaveLength(0);
    const call = await endedCall(service.store, { buyer: 'A' });
    receiver.script({ status: 200, body: `thanks for ${service.keys.derive(call.uuid)}` });
    const tried = await post('/webhooks/crm/test', { call_uuid: call.uuid });
    expect(tried.body.result).toMatchObject({ http_status: 200, error: null, answer: 'thanks for [call_key]' });
    expect(tried.text).not.toContain(service.keys.derive(call.uuid));
    expect(receiver.received[0]?.target).toBe(`/a/${call.uuid}?tag=radio&key=${service.keys.derive(call.uuid)}`);
    expect(await dead()).toEqual([]);
    const unknown = await post('/webhooks/crm/test', { call_uuid: '01890a5d-ac96-774b-bcce-b302099a8057' });
    expect(unknown.body).toMatchObject({ code: 'call_unknown' });
  });

  it.each([
    ['a time nobody can read', '/webhooks/crm/replay', { since: 'yesterday' }, 'fields_invalid'],
    ['an unknown field', '/webhooks/crm/test', { sned: false }, 'fields_invalid'],
    ['a secret kept for a year', '/webhooks/crm/rotate-secret', { keep_hours: '8760' }, 'fields_invalid'],
  ])('refuse %s, naming the field', async (_, path, body, code) => {
    expect((await post(path, body)).body).toMatchObject({
      status: 422,
      code,
      detail: expect.stringMatching(/since|sned|keep_hours/),
    });
  });
});
