import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Phone } from '../engine/support/phone.ts';
import { answers, hangsUp, isAnswered, isHungUp, PhoneRig } from '../support/phone-rig.ts';
import { waitFor } from '../support/wait-for.ts';

const OPERATOR_TOKEN = 'operator-token-that-nobody-may-see';
const BUYER_PASSWORD = 'password-of-the-buyer';

let rig: PhoneRig;
let acme: Phone;
/** Bodies of everything the API refused. */
const refusals: string[] = [];

beforeAll(async () => {
  acme = await Phone.open('acme');
  const login = { username: 'us', password: BUYER_PASSWORD };
  rig = await PhoneRig.open({
    buyers: ['A'],
    campaignSettings: {
      webhooks: [
        { id: 'trusted', trigger: 'ended', method: 'GET', url: 'http://127.0.0.1:9/?k=[call_key]', trusted: true },
      ],
    },
    buyerSettings: { A: { destinations: [{ uri: acme.uri, login }] } },
    settings: { LOG_LEVEL: 'trace', OPERATOR_TOKEN, SIP_TRACE: '555', DRAIN_SECONDS: '1' },
  });
});
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  acme?.close();
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(`${rig.bridge.http}${path}`, init);
  if (!response.ok) refusals.push(await response.text());
  return response;
}

it('a full run at the most talkative level shows no key, password, token or secret to anybody', async () => {
  const buyer = acme;
  const call = rig.newCall();
  call.sendInvite();
  const first = await buyer.receive('INVITE');
  buyer.reply(first, 401, 'Unauthorized', {
    headers: { 'WWW-Authenticate': 'Digest realm="buyer", nonce="abc", algorithm=MD5' },
  });
  await buyer.receive('ACK');
  const invite = await buyer.receive('INVITE');
  expect(invite.headers.get('Authorization')).toContain('Digest');
  answers(buyer, invite);
  await isAnswered(call);
  await buyer.receive('ACK');
  const uuid = invite.headers.get('X-PH-RetreaverUUID') ?? '';
  const key = invite.headers.get('X-PH-RetreaverKey') ?? '';
  expect(key).toMatch(/^[0-9a-f]{40}$/);

  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  await ask(`/calls/${uuid}/set_value?key=${key}&revenue=abc`);
  await ask(`/calls/${uuid}/set_value?%6bey=${key}&revenue=1&revenue=2`);
  await ask(`/calls/${uuid}/set_value`, { method: 'POST', headers: form, body: `key=${key}&revenue=-1` });
  await ask(`/calls/${uuid}/set_value`, { headers: { authorization: `Bearer ${key}` } });
  await ask(`/calls/${uuid}/set_value?key=${key}`, { method: 'PUT' });
  await ask(`/calls/${uuid}/nothing?key=${key}`);
  await ask(`/calls/${uuid.replace(/.$/, 'x')}/set_value?key=${key}`);
  expect((await ask(`/calls/${uuid}/set_value?key=${key}&revenue=10&note=${key}`)).status).toBe(200);
  expect((await ask(`/calls/${uuid}/add_tags?key=${key}&mine=${key}`)).status).toBe(200);
  await ask('/api/v1/calls', { headers: { authorization: `Bearer ${OPERATOR_TOKEN}x` } });
  const listed = await ask('/api/v1/calls', { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } });
  const shown = await ask(`/api/v1/calls/${uuid}`, { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } });
  const views = [await listed.text(), await shown.text()];

  const gone = isHungUp(buyer);
  await hangsUp(call);
  await gone;
  await waitFor('the webhook to be tried', () => rig.bridge.output().includes('webhook to be retried'));

  const file = join(rig.bridge.folder, 'data', 'call-key.secret');
  const secret = readFileSync(file, 'utf8').trim();
  const said = { output: rig.bridge.output(), refusals: refusals.join('\n'), views: views.join('\n') };
  expect(refusals.length).toBeGreaterThanOrEqual(7);
  for (const [where, text] of Object.entries(said)) {
    for (const hidden of [key, secret, OPERATOR_TOKEN, BUYER_PASSWORD]) {
      const at = text.indexOf(hidden);
      expect(at === -1 ? '' : `${where}: ${text.slice(Math.max(0, at - 200), at)}…`).toBe('');
    }
    expect(text).not.toMatch(/Digest [^\n]*response="?[0-9a-f]{32}/);
  }
});

it('what is on the disk is for the user of the service alone', () => {
  const data = join(rig.bridge.folder, 'data');
  const mode = (name: string) => (statSync(join(data, name)).mode & 0o777).toString(8);
  expect(mode('.')).toBe('700');
  expect([mode('call-key.secret'), mode('bridge.sqlite')]).toEqual(['600', '600']);
  expect([mode('bridge.sqlite-wal'), mode('bridge.sqlite-shm')]).toEqual(['600', '600']);
});
