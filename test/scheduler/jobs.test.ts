import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobsOf, purgeCalls, purgeSipMessages } from '../../src/jobs.ts';
import { createLog } from '../../src/log.ts';
import { acceptanceAccount, DAY, endedCall, T0 } from '../support/acceptance-calls.ts';
import { databases, type TestDatabase } from '../support/databases.ts';

describe('retention', () => {
  let database: TestDatabase;
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line)) });

  beforeEach(async () => {
    database = await databases[0]!.open();
    await database.store.applyAccount({ account: acceptanceAccount(), now: T0 - DAY });
    lines.length = 0;
  });
  afterEach(() => database.remove());

  const deps = (now: number, retentionDays: number | undefined) => ({
    ...{ store: database.store, nodeId: 'node-1', now: () => now, log, wakeDeliveries: () => undefined },
    ...{ liveCalls: () => [], retentionDays },
  });

  it('removes every call past its days, whatever their number, and says how many; younger ones and open windows stay', async () => {
    const old = [];
    for (let n = 0; n < 120; n += 1) old.push(await endedCall(database.store, { buyer: 'A', talkedSeconds: 60 }));
    await database.store.expireWindows({ now: T0 + DAY, limit: 1_000 });
    const open = await endedCall(database.store, { buyer: 'A' });
    const young = await endedCall(database.store, { buyer: 'A', endsAt: T0 + 20 * DAY });
    await purgeCalls(deps(T0 + 40 * DAY, 31), 31);
    expect(lines).toMatchObject([{ calls: 120, days: 31, msg: 'calls past their retention are removed' }]);
    for (const { uuid } of old) expect(await database.store.getCall({ uuid })).toBeUndefined();
    for (const { uuid } of [open, young])
      expect(await database.store.getCall({ uuid })).toMatchObject({ call: { uuid } });
    expect((await old[0]!.post('revenue=10', T0 + 40 * DAY)).httpStatus).toBe(410);
  });

  it('removes SIP messages past their own days, and with their call', async () => {
    const call = await endedCall(database.store, { buyer: 'A' });
    const message = { direction: 'sent', peer: 'udp/192.0.2.1:5060', sip_call_id: 'x', text: 'BYE' } as const;
    const at = (day: number) => T0 + day * DAY;
    const messages = Array.from({ length: 450 }, (_, n) => ({ ...message, call_uuid: call.uuid, n, at: at(n % 3) }));
    await database.store.keepSipMessages({ messages: [...messages, { ...message, call_uuid: 'none', n: 1, at: T0 }] });
    await purgeSipMessages(deps(at(9), undefined), 7);
    const left = (await database.store.listSipMessages({ uuid: call.uuid }))?.messages ?? [];
    expect(left.map((each) => each.at)).toEqual(Array(150).fill(at(2)));
    await database.store.expireWindows({ now: at(1), limit: 10 });
    await purgeCalls(deps(at(40), 31), 31);
    expect(await database.store.listSipMessages({ uuid: call.uuid })).toBeUndefined();
    expect(await database.store.purgeSipMessages({ before: at(100), limit: 10 })).toEqual({ purged: 0 });
  });

  it('is no job unless the operator wants it', () => {
    const names = (days: number | undefined) => jobsOf(deps(T0, days)).map(({ name }) => name);
    expect(names(undefined)).not.toContain('purge-calls');
    expect(names(31)).toContain('purge-calls');
  });
});
