import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const CALLS = 60;
const TALK_MS = 2_500;
const HOLDING = { calls: CALLS, rate: 100, timeoutMs: 30_000 };

interface Row {
  readonly ended_at: number | null;
  readonly end_estimated: number;
  readonly hung_up_by: string;
  readonly outcome_reason: string;
}

/** Every call's row, from the file of a service that has ended. */
function rowsOf({ folder }: Bridge): Row[] {
  const database = new Database(`${folder}/data/bridge.sqlite`, { readonly: true });
  try {
    return database.prepare<[], Row>('select * from calls').all();
  } finally {
    database.close();
  }
}

async function holdingCalls(settings: Record<string, string>, uas: string, uac: string) {
  const port = await freePort();
  const webhooks = await WebhookReceiver.start();
  const account = testAccount({ buyers: { C: [`sip:c@127.0.0.1:${port}`] }, webhooks: webhooks.url });
  const bridge = await startBridge(account, settings);
  const buyer = await startSipp(uas, { ...HOLDING, port });
  const set = uac === 'uac-answered-hangs-up' ? { talk_ms: TALK_MS } : {};
  const caller = await startSipp(uac, { ...HOLDING, remote: bridge.sip, dialedNumber: NUMBER, set });
  await waitFor('all calls to be answered', () => caller.messages(200).length >= CALLS);
  const close = async () => {
    await Promise.all([buyer.stop(), caller.stop(), webhooks.stop(), bridge.stop()]);
  };
  return { bridge, buyer, caller, webhooks, [Symbol.asyncDispose]: close };
}

describe('SIGTERM', () => {
  it('new calls get 503 with Retry-After, running ones end well, what they fire is sent', async () => {
    await using rig = await holdingCalls({}, 'uas-answer-at-once-expect-bye', 'uac-answered-hangs-up');
    const { bridge, caller, buyer, webhooks } = rig;
    process.kill(bridge.pid, 'SIGTERM');
    await waitFor('the drain', () => bridge.log.some(({ msg }) => msg === 'waiting for running calls'));
    const ready = await fetch(`${bridge.http}/readyz`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { parts: { calls: false, database: true } }]);
    await using late = await startSipp('uac-invite-expect-480', {
      ...{ remote: bridge.sip, dialedNumber: NUMBER, status: 503, calls: 3 },
    });
    await late.exit;
    expect(Number(late.messages(503)[0]?.header('Retry-After'))).toBeGreaterThan(0);

    expect(await caller.exit).toMatchObject({ successful: CALLS, failed: 0 });
    expect(await buyer.exit).toMatchObject({ successful: CALLS, failed: 0 });
    expect(await bridge.exit).toEqual({ code: 0, signal: null });
    const rows = rowsOf(bridge);
    expect(rows).toHaveLength(CALLS);
    for (const row of rows) expect(row).toMatchObject({ hung_up_by: 'caller', end_estimated: 0 });
    const answered = webhooks.received.filter(({ target }) => target.includes('trigger=answered'));
    expect(answered).toHaveLength(CALLS);
  }, 60_000);

  it('calls longer than the limit are hung up on both sides', async () => {
    await using rig = await holdingCalls(
      { DRAIN_SECONDS: '1' },
      'uas-answer-at-once-expect-bye',
      'uac-answered-expect-bye',
    );
    const { bridge, caller, buyer } = rig;
    process.kill(bridge.pid, 'SIGTERM');
    expect(await caller.exit).toMatchObject({ successful: CALLS, failed: 0 });
    expect(await buyer.exit).toMatchObject({ successful: CALLS, failed: 0 });
    expect(await bridge.exit).toEqual({ code: 0, signal: null });
    for (const row of rowsOf(bridge)) {
      expect(row).toMatchObject({ hung_up_by: 'system', outcome_reason: 'shutdown', end_estimated: 0 });
    }
  }, 60_000);

  it('twice is final, and the next start closes what was open', async () => {
    await using rig = await holdingCalls({}, 'uas-answer-at-once-expect-bye', 'uac-answered-hangs-up');
    const { bridge } = rig;
    process.kill(bridge.pid, 'SIGTERM');
    await waitFor('the drain', () => bridge.log.some(({ msg }) => msg === 'waiting for running calls'));
    process.kill(bridge.pid, 'SIGTERM');
    expect(await bridge.exit).toEqual({ code: 1, signal: null });
    await using again = await bridge.restart();
    const calls = await again.calls();
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) expect(call).toMatchObject({ end_estimated: true });
  }, 60_000);
});
