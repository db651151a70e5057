import { afterEach, describe, expect, it } from 'vitest';
import { BridgeRig, disconnect, eventually } from '../support/bridge-rig.ts';
import { bridgeNextCall, connectCall } from '../support/bridged-call.ts';

describe('limits of patience with drachtio-srf', () => {
  let rig: BridgeRig;
  afterEach(() => rig.close());

  const noCalls = () => {
    const { dialogs, incoming, outgoing } = rig.engine.stats();
    return dialogs + incoming + outgoing === 0;
  };

  it('a call that rings too long is refused, and createB2BUA cancels its other leg', async () => {
    rig = await BridgeRig.open({ ringingLimitMs: 200 });
    const { alice, bob } = rig;
    const refused = expect(bridgeNextCall(rig)).rejects.toMatchObject({ status: 487 });
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    await alice.receive(180);
    call.ackFailure(await alice.receive(480));
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await refused;
    await eventually(noCalls);
  });

  it('a call outlives its application for a while, in which either side may hang up', async () => {
    rig = await BridgeRig.open({ releaseAfterMs: 400 });
    const { alice, bob } = rig;
    const { aliceCall } = await connectCall(rig);
    disconnect(rig.srf);
    await eventually(() => rig.engine.stats().applications === 0);
    expect(rig.engine.stats().dialogs).toBe(2);
    aliceCall.request('BYE');
    await alice.receive(200);
    expect(rig.engine.stats().dialogs).toBe(1);
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    await eventually(noCalls);
  });
});
