import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import type { TracedMessage } from '../support/sipp-trace.ts';
import { waitFor } from '../support/wait-for.ts';

const CALLS = 200;
const LINES = 10;

/** The most calls this buyer had at once, told by its messages alone: from the INVITE to a BYE or a failure. */
function mostAtOnce(trace: readonly TracedMessage[]): { calls: number; most: number } {
  const up = new Set<string>();
  const seen = new Set<string>();
  let most = 0;
  for (const message of trace) {
    const callId = message.header('Call-ID') ?? '';
    const isOver = message.method === 'BYE' || (message.method === 'INVITE' && (message.status ?? 0) >= 300);
    if (isOver) up.delete(callId);
    else if (message.method === 'INVITE' && message.status === undefined && !seen.has(callId)) {
      seen.add(callId);
      up.add(callId);
    }
    most = Math.max(most, up.size);
  }
  return { calls: seen.size, most };
}

it(`24: ${CALLS} parallel calls to a buyer with ${LINES} lines: never more than ${LINES} at once`, async () => {
  const [portA, portB] = [await freePort(), await freePort()];
  await using bridge = await startBridge(
    testAccount({
      buyers: { A: [`sip:a@127.0.0.1:${portA}`], B: [`sip:b@127.0.0.1:${portB}`] },
      buyerSettings: { A: { caps: [{ per: 'concurrent', limit: LINES }] } },
    }),
  );
  await using limited = await startSipp('uas-ring-answer-expect-bye', {
    port: portA,
    calls: Infinity,
    timeoutMs: 60_000,
  });
  await using others = await startSipp('uas-ring-answer-expect-bye', {
    port: portB,
    calls: Infinity,
    timeoutMs: 60_000,
  });
  await using callers = await startSipp('uac-answered-hangs-up', {
    remote: bridge.sip,
    dialedNumber: NUMBER,
    calls: CALLS,
    rate: CALLS,
    set: { talk_ms: 1_000 },
    timeoutMs: 60_000,
  });

  const database = new Database(`${bridge.folder}/data/bridge.sqlite`, { readonly: true });
  const holds = database.prepare<[], { lines: number }>("select count(*) as lines from holds where buyer_id = 'A'");
  let mostHeld = 0;
  const watch = setInterval(() => {
    mostHeld = Math.max(mostHeld, holds.get()?.lines ?? 0);
  }, 5);
  expect((await callers.exit).successful).toBe(CALLS);
  await waitFor('all lines to be free', () => (holds.get()?.lines === 0 ? true : undefined));
  clearInterval(watch);
  database.close();

  const atA = mostAtOnce(limited.trace());
  const atB = mostAtOnce(others.trace());
  expect(atA.most).toBe(LINES);
  expect(mostHeld).toBe(LINES);
  expect(atA.calls + atB.calls).toBe(CALLS);
  expect(atB.most).toBeGreaterThan(LINES);
}, 90_000);
