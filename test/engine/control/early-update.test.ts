import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cseqOf } from '../../../sip/engine/message/cseq.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { bridgeNextCall, connectCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

const isAnswerTo = (method: string) => (each: { kind: string }) =>
  each.kind === 'response' && cseqOf(each as never).method === method;

describe('UPDATE through createB2BUA (RFC 3311)', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  it('of the caller before the answer gets the session description she has', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 183, 'Session Progress', { body: bob.sdp });
    call.learn(await alice.receive(183));
    call.request('UPDATE', { 'Content-Type': 'application/sdp' }, alice.sdp);
    const ok = await alice.receive(200);
    expect(isAnswerTo('UPDATE')(ok)).toBe(true);
    expect(ok.body.toString()).toBe(bob.sdp);
    call.request('UPDATE', { 'Content-Type': 'application/sdp' }, alice.sdp);
    expect(isAnswerTo('UPDATE')(await alice.receive(200))).toBe(true);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    call.ack(await alice.receive(200));
    void dialogs;
  });

  it('of the callee before the answer gets the offer again', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    const progress = bob.reply(invite, 183, 'Session Progress', { body: bob.sdp });
    await alice.receive(183);
    const bobCall = Call.answered(bob, invite, progress);
    bobCall.request('UPDATE', { 'Content-Type': 'application/sdp' }, bob.sdp);
    const ok = await bob.receive(200);
    expect(isAnswerTo('UPDATE')(ok)).toBe(true);
    expect(ok.headers.get('Contact')).toContain(`127.0.0.1:${rig.port}`);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    call.ack(await alice.receive(200));
    await dialogs;
  });

  it('of either side in the call is answered', async () => {
    const { alice, bob } = rig;
    const { aliceCall, bobCall } = await connectCall(rig);
    aliceCall.request('UPDATE', {});
    expect(isAnswerTo('UPDATE')(await alice.receive(200))).toBe(true);
    bobCall.request('UPDATE', {});
    expect(isAnswerTo('UPDATE')(await bob.receive(200))).toBe(true);
  });
});
