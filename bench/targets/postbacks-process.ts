import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { parseAccount } from '../../src/account/load-account.ts';
import { systemClock } from '../../src/clock.ts';
import { CallKeys } from '../../src/domain/call-key.ts';
import { newUuid } from '../../src/domain/ids.ts';
import { createHttpApp } from '../../src/http/create-http-app.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { createLog } from '../../src/log.ts';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { NUMBER, testAccount } from '../../test/support/account.ts';

const CALLS = 3_000;
const UNLIMITED = { burst: Number.MAX_SAFE_INTEGER, perSecond: Number.MAX_SAFE_INTEGER };
const DESTINATION = 'sip:buyer@127.0.0.1';

const folder = mkdtempSync(join(tmpdir(), 'postbacks-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('disconnect', () => process.exit());

const { operations: store } = await openSqliteStore<Operations>({
  file: join(folder, 'bridge.sqlite'),
  operations: new URL('../../src/operations.ts', import.meta.url),
});
const account = parseAccount(stringify(testAccount({ buyers: { A: [DESTINATION] } })), 'bench');
await store.applyAccount({ account, now: systemClock.now() });
const callKeys = new CallKeys([{ version: 1, secret: 'a secret for the bench' }]);

/** A call that buyer A has taken and that is over: its postback window runs. */
async function endedCall(n: number): Promise<{ uuid: string; key: string }> {
  const now = systemClock.now();
  const uuid = newUuid(now);
  const attempt = { callUuid: uuid, seq: 1, buyerId: 'A', destination: DESTINATION, now };
  await store.beginCall({
    ...{ uuid, keyVersion: 1, nodeId: 'bench', carrierId: 'carrier', campaignId: 'auto', dialedNumber: NUMBER },
    ...{ callerNumber: `+1202555${n}`, sipCallId: uuid, tags: [], now },
  });
  await store.beginAttempt(attempt);
  await store.recordAnswer(attempt);
  await store.endCall({
    ...{ callUuid: uuid, hungUpBy: 'caller', now },
    outcome: { result: 'completed', fault: 'none', reason: 'bye' },
  });
  return { uuid, key: callKeys.derive(uuid) };
}

const calls = await Promise.all(Array.from({ length: CALLS }, (_, n) => endedCall(n)));
const http = await startHttpServer({
  listener: createHttpApp({
    ...{ store, callKeys, clock: systemClock, log: createLog('info'), wakeDeliveries: () => {} },
    readiness: async () => ({ calls: true, database: true }),
    limits: { perSource: UNLIMITED, failed: UNLIMITED },
  }),
  host: '127.0.0.1',
  port: 0,
});
process.send?.({ httpPort: http.port, calls });
