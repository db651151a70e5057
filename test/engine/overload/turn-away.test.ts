import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineStats } from '../../../sip/engine/index.ts';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { connectCall } from '../support/bridged-call.ts';

let rig: BridgeRig;
const logged: [string, Record<string, unknown>][] = [];

beforeEach(async () => {
  logged.length = 0;
  rig = await BridgeRig.open({
    // The second INVITE that waits for its application is one too many.
    overloadLimits: {
      waitingInvites: 0,
      lagMs: 60_000,
      receiveQueueShare: 2,
      applicationLagMs: 60_000,
      queuedBytes: 2 ** 30,
    },
    log: (_level, message, fields) => logged.push([message, fields]),
  });
});

afterEach(() => rig.close());

const stats = (): EngineStats => rig.engine.stats();

/** An INVITE the application never answers, so that the next sample finds the engine overloaded. */
async function overload(): Promise<void> {
  rig.srf.invite(() => {});
  rig.alice.newCall(rig.port).sendInvite();
  await eventually(() => stats().admittedShare < 0.05);
}

describe('overload', () => {
  it('answers new calls 503 with Retry-After and a tag that stays, making nothing (RFC 3261 §8.2.7, §21.5.4)', async () => {
    await overload();
    const before = stats();
    const phone = await rig.anotherPhone('carol');
    const call = phone.newCall(rig.port);
    call.sendInvite();
    const refusal = await phone.receive(503);
    expect(refusal.headers.get('Retry-After')).toBe('5');
    expect(refusal.headers.get('To')).toMatch(/;tag=\w{16}$/);
    expect(stats()).toMatchObject({
      dialogs: before.dialogs,
      serverTransactions: before.serverTransactions,
      transactions: { turnedAway: 1 },
    });
    await eventually(() => logged.length > 0);
    expect(logged[0]).toMatchObject(['overloaded, new calls are turned away', { turnedAway: 1, waitingInvites: 1 }]);
  });

  it('serves the calls that are up: re-INVITE, then BYE', async () => {
    const { aliceCall } = await connectCall(rig);
    await overload();
    aliceCall.request('INFO');
    await rig.alice.receive(200);
    aliceCall.request('BYE');
    await rig.alice.receive(200);
    await rig.bob.receive('BYE');
    expect(stats().transactions.turnedAway).toBe(0);
  });

  it('lets OPTIONS through, by which carriers see that we are alive', async () => {
    await overload();
    rig.srf.use('options', (_req, res) => res.send(200));
    const phone = await rig.anotherPhone('carol');
    await eventually(() => stats().applications === 1);
    phone.newCall(rig.port).request('OPTIONS');
    await phone.receive(200);
  });
});
