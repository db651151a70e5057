import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually, quickTimers } from '../support/bridge-rig.ts';
import { bridgeNextCall, connectCall } from '../support/bridged-call.ts';

const emptyTables = (rig: BridgeRig) => () => {
  const { dialogs, incoming, outgoing } = rig.engine.stats();
  return dialogs + incoming + outgoing === 0;
};

describe('a call bridged by createB2BUA', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open({ timers: quickTimers });
  });
  afterEach(() => rig.close());

  it('carries both SDPs, rings and connects (RFC 3261 §13)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    await alice.receive(100);
    const invite = await bob.receive('INVITE');
    expect(invite.body.toString()).toBe(alice.sdp);
    expect(invite.headers.get('From')).toMatch(
      new RegExp(`^<sip:alice@127\\.0\\.0\\.1:${rig.port}>;tag=[a-z2-7]{16}$`),
    );
    bob.reply(invite, 180, 'Ringing');
    const ringing = await alice.receive(180);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    expect(ok.body.toString()).toBe(bob.sdp);
    expect(ok.headers.get('Contact')).toBe(`<sip:127.0.0.1:${rig.port}>`);
    expect(ringing.headers.get('To')).toBe(ok.headers.get('To'));
    call.ack(ok);
    await dialogs;
  });

  it('ends when A hangs up (RFC 3261 §15)', async () => {
    const { aliceCall } = await connectCall(rig);
    aliceCall.request('BYE');
    await rig.alice.receive(200);
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await eventually(emptyTables(rig));
  });

  it('ends when B hangs up, alice hearing of it in her own dialog', async () => {
    const { bobCall, aliceCall, ok } = await connectCall(rig);
    bobCall.request('BYE');
    await rig.bob.receive(200);
    const bye = await rig.alice.receive('BYE');
    expect(bye.uri).toBe(rig.alice.uri);
    expect(bye.headers.get('Call-ID')).toBe(aliceCall.callId);
    expect(bye.headers.get('From')).toBe(ok.headers.get('To'));
    expect(bye.headers.get('To')).toBe(aliceCall.from);
    rig.alice.reply(bye, 200, 'OK');
    await eventually(emptyTables(rig));
  });

  it('ends when both hang up at once', async () => {
    const { bobCall, aliceCall } = await connectCall(rig);
    bobCall.request('BYE');
    aliceCall.request('BYE');
    await Promise.all([rig.alice.receive(200), rig.bob.receive(200)]);
    await eventually(emptyTables(rig));
  });

  it('ends when the application hangs up both', async () => {
    const { uas, uac } = await connectCall(rig);
    const ended = Promise.all([uas.destroy(), uac.destroy()]);
    rig.alice.reply(await rig.alice.receive('BYE'), 200, 'OK');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await ended;
    expect(rig.engine.stats().dialogs).toBe(0);
  });

  it('resolves destroy() when the peer answers BYE 481', async () => {
    const { uac } = await connectCall(rig);
    const ended = uac.destroy();
    rig.bob.reply(await rig.bob.receive('BYE'), 481, 'Call/Transaction Does Not Exist');
    await ended;
    expect(rig.engine.stats().dialogs).toBe(1);
  });

  it('fails at once with 408 when B is silent (RFC 3261 §8.1.3.1)', async () => {
    const dialogs = bridgeNextCall(rig);
    rig.alice.newCall(rig.port).sendInvite();
    await expect(dialogs).rejects.toMatchObject({ status: 408 });
    expect((await rig.alice.receive(408)).reason).toBe('Request Timeout');
  });

  it('leaves nothing behind once the timers have run out', async () => {
    const { aliceCall } = await connectCall(rig);
    aliceCall.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await eventually(() => {
      const { clientTransactions, serverTransactions, timers } = rig.engine.stats();
      return emptyTables(rig)() && clientTransactions + serverTransactions + timers === 0;
    });
  });

  it('keeps 180 and 200 that arrive together in order', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    expect(alice.inbox.map((message) => (message.kind === 'response' ? message.status : 0))).toEqual([100, 180]);
    call.ack(ok);
    await dialogs;
  });

  it('absorbs everything the peers send twice', async () => {
    const { alice, bob } = rig;
    const { aliceCall, bobCall, invite, ok } = await connectCall(rig);
    alice.send(aliceCall.invite!, rig.port);
    aliceCall.ack(ok);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const bye = aliceCall.request('BYE');
    await alice.receive(200);
    alice.send(bye, rig.port);
    await alice.receive(200);
    rig.bob.reply(await bob.receive('BYE'), 200, 'OK');
    await eventually(emptyTables(rig));
    bobCall.request('INFO');
    await bob.receive(503);
    expect(alice.inbox.filter((message) => message.kind === 'request')).toEqual([]);
  });
});
