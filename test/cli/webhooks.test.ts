import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const TOKEN = 'operator-token-of-the-tests';

let bridge: Bridge;
let receiver: WebhookReceiver;

const run = (args: readonly string[], settings: Record<string, string> = { OPERATOR_TOKEN: TOKEN }) =>
  runCli('webhooks', [...args, '--url', bridge.http], settings, bridge.folder);

/** One whole call, so that `ended` is delivered; the receiver answers as it is told to. */
async function makeCall(): Promise<void> {
  await using caller = await startSipp('uac-invite-expect-480', { remote: bridge.sip, dialedNumber: NUMBER });
  await caller.exit;
}

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  const webhooks = [
    { id: 'crm', trigger: 'ended', url: `${receiver.url}/crm`, headers: { Authorization: 'Bearer of-the-crm' } },
    { id: 'lead', trigger: 'selected', url: `${receiver.url}/lead`, answer: { tags: { income: 'lead.income' } } },
  ];
  const buyers = { A: [`sip:a@127.0.0.1:${await freePort()}`] };
  const closed = { A: { paused: true } };
  bridge = await startBridge(testAccount({ buyers, buyerSettings: closed, campaignSettings: { webhooks } }), {
    OPERATOR_TOKEN: TOKEN,
  });
});
afterAll(async () => {
  await bridge?.stop();
  await receiver?.stop();
});

describe('bridge webhooks', () => {
  it('lists them; --json is what the API answers', async () => {
    const { status, output, errors } = await run(['list']);
    expect([status, errors]).toEqual([0, '']);
    expect(lines(output)).toEqual(
      expect.arrayContaining([
        'webhook campaign trigger state failing since request',
        `crm auto ended on POST ${receiver.url}/crm`,
      ]),
    );
    const { webhooks } = JSON.parse((await run(['list', '--json'])).output);
    expect(webhooks[1]).toMatchObject({
      webhook_id: 'lead',
      answer: { tags: { income: 'lead.income' }, within_ms: 500 },
    });
  });

  it('shows what was given up with its tries, sends it once more, and switches an endpoint on again', async () => {
    receiver.script({ status: 410, body: 'nobody here any more' });
    await makeCall();
    const given = await waitFor('the delivery to be given up', async () => {
      const { output } = await run(['deliveries', 'crm']);
      return output.includes('410') ? lines(output) : undefined;
    });
    expect(given[1]).toMatch(/ 410 [\d.]+ s nobody here any more$/);
    expect((await run(['list'])).output).toContain('off (gone)');
    const early = await run(['replay', 'crm', '--since', '2026-01-01T00:00:00Z']);
    expect(early).toMatchObject({ status: 1, errors: 'The webhook is switched off: switch it on first.\n' });
    receiver.script({ status: 200 });
    expect((await run(['switch-on', 'crm'])).output).toContain('crm is on.');
    expect((await run(['replay', 'crm', '--since', '2026-01-01T00:00:00Z'])).output).toBe('1 go out again.\n');
    const delivered = await waitFor('the delivery', async () => {
      const { output } = await run(['deliveries', 'crm', '--state', 'delivered', '--json']);
      return JSON.parse(output).deliveries[0];
    });
    expect(delivered.tries).toMatchObject([{ http_status: 410 }, { http_status: 200 }]);
    const before = receiver.received.length;
    expect(await run(['replay-one', delivered.delivery_id])).toMatchObject({
      status: 0,
      output: 'It goes out again.\n',
    });
    await receiver.count(before + 1);
  });

  it('tries one out: shows the request, sends it, says what tags its answer gives', async () => {
    const before = receiver.received.length;
    const shown = lines((await run(['test', 'crm', '--show'])).output);
    expect(shown[0]).toBe(`POST ${receiver.url}/crm`);
    expect(shown).toContain('authorization: Bearer of-the-crm');
    expect(receiver.received).toHaveLength(before);
    receiver.script({ status: 200, body: '{"lead":{"income":72000}}' });
    const asked = await run(['test', 'lead']);
    expect(asked.status).toBe(0);
    expect(lines(asked.output)).toContain('tag income=72000');
    receiver.script({ status: 503 });
    const failed = await run(['test', 'crm']);
    expect(failed.status).toBe(1);
    expect(failed.output).toContain('503');
  });

  it('shows the secret, and both while it is changed', async () => {
    const first = (await run(['secret', 'crm'])).output.trim();
    expect(first).toMatch(/^whsec_/);
    const [second, previous] = lines((await run(['rotate-secret', 'crm', '--keep-hours', '1'])).output);
    expect(second).not.toBe(first);
    expect(previous).toMatch(new RegExp(`^${first.replaceAll('+', '\\+')} good until `));
  });

  it.each([
    ['an unknown webhook', ['deliveries', 'nobody'], {}, 'There is no such webhook in the account.'],
    ['a time that is none', ['replay', 'crm', '--since', 'yesterday'], {}, 'write a time like 2026-03-01T12:00:00Z'],
    ['a state that is none', ['deliveries', 'crm', '--state', 'lost'], {}, 'Allowed choices are due, delivered, dead.'],
    ['a wrong token', ['list'], { OPERATOR_TOKEN: 'another-operator-token' }, 'Wrong token.'],
  ])('refuses %s with the remedy, and status 1', async (_, args, settings, message) => {
    const { status, output, errors } = await run(args, { OPERATOR_TOKEN: TOKEN, ...settings });
    expect([status, output]).toEqual([1, '']);
    expect(errors).toContain(message);
  });

  it('says what to do when the service does not run', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { status, errors } = await runCli('webhooks', ['list', '--url', url], {}, bridge.folder);
    expect(status).toBe(1);
    expect(errors).toMatch(/does not answer .*\. Start the service, or say where it is: --url/);
  });
});
