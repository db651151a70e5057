import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cseqOf } from '../../../sip/engine/message/cseq.ts';
import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { BridgeRig, eventually, quickTimers } from '../support/bridge-rig.ts';
import { bridgeNextCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

const headers = { proxyRequestHeaders: ['supported'], proxyResponseHeaders: ['require'] };

describe('reliable provisional responses through createB2BUA (RFC 3262)', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open({ timers: quickTimers });
  });
  afterEach(() => rig.close());

  /** Alice calls, bob sends a 183 with SDP reliably and gets his PRACK; alice has her 183. */
  async function earlyMedia(): Promise<{ call: Call; invite: SipRequest; progress: SipResponse; rack: string }> {
    const { alice, bob } = rig;
    const call = alice.newCall(rig.port);
    call.sendInvite(alice.sdp, { Supported: '100rel' });
    const invite = await bob.receive('INVITE');
    expect(invite.headers.get('Supported')).toBe('100rel');
    const reliable = { Require: '100rel', RSeq: '4711' };
    bob.reply(invite, 183, 'Session Progress', { body: bob.sdp, headers: reliable });
    const prack = await bob.receive('PRACK');
    expect(prack.headers.get('RAck')).toBe(`4711 ${cseqOf(invite).number} INVITE`);
    bob.reply(prack, 200, 'OK');
    const progress = await alice.receive(183);
    expect(progress.headers.get('Require')).toBe('100rel');
    expect(progress.body.toString()).toBe(bob.sdp);
    call.learn(progress);
    return { call, invite, progress, rack: `${progress.headers.get('RSeq')} ${call.cseq} INVITE` };
  }

  it('are acknowledged on each leg by itself, before the call is answered', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, headers);
    const { call, invite, progress, rack } = await earlyMedia();
    expect(progress.headers.get('RSeq')).not.toBe('4711');
    call.request('PRACK', { RAck: rack });
    expect(cseqOf(await alice.receive(200)).method).toBe('PRACK');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    expect(cseqOf(ok).method).toBe('INVITE');
    expect(ok.headers.has('RSeq')).toBe(false);
    call.cseq -= 1;
    call.ack(ok);
    call.cseq += 1;
    await dialogs;
    call.request('BYE');
    await alice.receive(200);
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('hold the 200 back until the caller has sent her PRACK', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, headers);
    const { call, invite, rack } = await earlyMedia();
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    // drachtio-srf waits half a second at most; meanwhile the 183 comes again, the 200 does not.
    await alice.receive(183);
    await dialogs;
    expect(alice.inbox.some((each) => each.kind === 'response' && each.status === 200)).toBe(false);
    call.request('PRACK', { RAck: rack });
    const oks = [await alice.receive(200), await alice.receive(200)];
    expect(oks.map((ok) => cseqOf(ok).method).sort()).toEqual(['INVITE', 'PRACK']);
    call.ack(oks.find((ok) => cseqOf(ok).method === 'INVITE')!);
  });

  it('tear the called leg down when the caller never sends her PRACK', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, headers);
    const refused = expect(dialogs).rejects.toMatchObject({ status: 487 });
    const { call, invite } = await earlyMedia();
    const cancel = await bob.receive('CANCEL');
    bob.reply(cancel, 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    call.ackFailure(await alice.receive(504));
    await refused;
  });

  it('are refused to nobody: a caller without 100rel gets them unreliably', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, headers);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 183, 'Session Progress', { body: bob.sdp, headers: { Require: '100rel', RSeq: '1' } });
    bob.reply(await bob.receive('PRACK'), 200, 'OK');
    const progress = await alice.receive(183);
    expect(progress.headers.has('RSeq')).toBe(false);
    expect(progress.headers.has('Require')).toBe(false);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    call.ack(await alice.receive(200));
    await dialogs;
  });

  it('reach a callee that names no Contact, whose 200s to PRACK and INVITE come back to back', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, headers);
    const call = alice.newCall(rig.port);
    call.sendInvite(alice.sdp, { Supported: '100rel' });
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing', { contact: null, headers: { Require: '100rel', RSeq: '1' } });
    const prack = await bob.receive('PRACK');
    expect(prack.uri).toBe(invite.uri);
    bob.reply(prack, 200, 'OK', { contact: null });
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    call.learn(await alice.receive(180));
    call.ack(await alice.receive(200));
    await dialogs;
    Call.answered(bob, invite, answer).request('BYE');
    await bob.receive(200);
    alice.reply(await alice.receive('BYE'), 200, 'OK');
  });
});
