import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, disconnect, eventually } from '../support/bridge-rig.ts';
import { bridgeNextCall, connectCall } from '../support/bridged-call.ts';

describe('an application that disconnects', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const leave = () => disconnect(rig.srf);
  const noCalls = () => {
    const { dialogs, incoming, outgoing } = rig.engine.stats();
    return dialogs + incoming + outgoing === 0;
  };

  it('leaves callers it had not answered with 480', async () => {
    const arrived = new Promise<void>((resolve) => rig.srf.invite(() => resolve()));
    const call = rig.alice.newCall(rig.port);
    call.sendInvite();
    await arrived;
    leave();
    call.ackFailure(await rig.alice.receive(480));
    await eventually(noCalls);
  });

  it('has its ringing calls cancelled on both sides', async () => {
    const { alice, bob } = rig;
    bridgeNextCall(rig).catch(() => {});
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    await alice.receive(180);
    leave();
    call.ackFailure(await alice.receive(480));
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await bob.receive('ACK');
    await eventually(noCalls);
  });

  it('has a call that is answered all the same acknowledged and hung up', async () => {
    const { alice, bob } = rig;
    bridgeNextCall(rig).catch(() => {});
    alice.newCall(rig.port).sendInvite();
    const invite = await bob.receive('INVITE');
    leave();
    await alice.receive(480);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    await eventually(noCalls);
  });

  it('has its connected calls hung up on both sides, later requests getting 481', async () => {
    const { alice, bob } = rig;
    const { aliceCall } = await connectCall(rig);
    leave();
    alice.reply(await alice.receive('BYE'), 200, 'OK');
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    aliceCall.request('BYE');
    await alice.receive(481);
    expect(noCalls()).toBe(true);
  });

  it('touches nothing of the others', async () => {
    const other = await rig.anotherApplication();
    const { bobCall } = await connectCall(rig);
    disconnect(other);
    await eventually(() => rig.engine.stats().applications === 1);
    bobCall.request('INFO');
    await rig.bob.receive(200);
  });
});
