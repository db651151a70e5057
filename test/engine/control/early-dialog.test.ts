import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipRequest } from '../../../sip/engine/message/message.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { bridgeNextCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

let rig: BridgeRig;
beforeEach(async () => {
  rig = await BridgeRig.open();
});
afterEach(() => rig.close());

/** A call from alice, who knows 100rel, as far as bob's phone. */
async function ringing(): Promise<{ aliceCall: Call; invite: SipRequest; dialogs: ReturnType<typeof bridgeNextCall> }> {
  const dialogs = bridgeNextCall(rig, {
    proxyRequestHeaders: ['supported'],
    proxyResponseHeaders: ['all'],
  });
  const aliceCall = rig.alice.newCall(rig.port);
  aliceCall.sendInvite(undefined, { Supported: '100rel' });
  return { aliceCall, invite: await rig.bob.receive('INVITE'), dialogs };
}

describe('an early dialog bridged by createB2BUA', () => {
  it('passes reliable provisional responses on, each side with its own RSeq and PRACK (RFC 3262)', async () => {
    const { alice, bob } = rig;
    const { aliceCall, invite, dialogs } = await ringing();
    expect(invite.headers.get('Supported')).toBe('100rel');
    bob.reply(invite, 183, 'Session Progress', { body: bob.sdp, headers: { Require: '100rel', RSeq: '77' } });
    const bobPrack = await bob.receive('PRACK');
    expect(bobPrack.headers.get('RAck')).toBe(`77 ${invite.headers.get('CSeq')}`);
    bob.reply(bobPrack, 200, 'OK');

    const progress = await alice.receive(183);
    expect(progress.headers.get('Require')).toBe('100rel');
    expect(progress.headers.get('RSeq')).not.toBe('77');
    aliceCall.learn(progress);
    aliceCall.request('PRACK', { RAck: `${progress.headers.get('RSeq')} ${progress.headers.get('CSeq')}` });
    await alice.receive(200);

    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    expect(ok.headers.get('CSeq')).toMatch(/INVITE$/);
    aliceCall.ack(ok);
    await dialogs;
    Call.answered(bob, invite, answer).request('BYE');
    await alice.receive('BYE');
  });

  it('lets the called peer send its 200s to PRACK and to INVITE back to back, and without a Contact in its 180', async () => {
    const { alice, bob } = rig;
    const { aliceCall, invite, dialogs } = await ringing();
    bob.reply(invite, 180, 'Ringing', { contact: null, headers: { Require: '100rel', RSeq: '1' } });
    const prack = await bob.receive('PRACK');
    expect(prack.uri).toBe(invite.uri);
    bob.reply(prack, 200, 'OK');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ringingAtAlice = await alice.receive(180);
    aliceCall.learn(ringingAtAlice);
    aliceCall.request('PRACK', { RAck: `${ringingAtAlice.headers.get('RSeq')} ${ringingAtAlice.headers.get('CSeq')}` });
    await bob.receive('ACK');
    await alice.receive(200);
    aliceCall.ack(await alice.receive(200));
    await dialogs;
  });

  it('answers an UPDATE of the caller in its place (RFC 3311)', async () => {
    const { alice, bob } = rig;
    const { aliceCall, invite, dialogs } = await ringing();
    bob.reply(invite, 183, 'Session Progress', { body: bob.sdp });
    const progress = await alice.receive(183);
    aliceCall.learn(progress);
    aliceCall.request('UPDATE', { Contact: `<${alice.uri}>`, 'Content-Type': 'application/sdp' }, alice.sdp);
    const ok = await alice.receive(200);
    expect(ok.headers.get('CSeq')).toMatch(/UPDATE$/);
    expect(ok.body.toString()).toBe(bob.sdp);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const answer = await alice.receive(200);
    aliceCall.ack(answer);
    await dialogs;
  });
});

describe('a session timer (RFC 4028)', () => {
  it('agreed with the caller: the engine refreshes, the application only bridges', async () => {
    const dialogs = bridgeNextCall(rig);
    const aliceCall = rig.alice.newCall(rig.port);
    aliceCall.sendInvite(undefined, { Supported: 'timer', 'Session-Expires': '90;refresher=uac' });
    const invite = await rig.bob.receive('INVITE');
    expect(invite.headers.has('Session-Expires')).toBe(false);
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('Session-Expires')).toBe('90;refresher=uac');
    expect(ok.headers.get('Require')).toBe('timer');
    aliceCall.ack(ok);
    await dialogs;
    aliceCall.request('UPDATE', {
      Supported: 'timer',
      'Session-Expires': '90;refresher=uac',
      Contact: `<${rig.alice.uri}>`,
    });
    const refreshed = await rig.alice.receive(200);
    expect(refreshed.headers.get('Session-Expires')).toBe('90;refresher=uac');
  });
});
