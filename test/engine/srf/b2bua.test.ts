import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { bridgeNextCall, connectCall } from '../support/bridged-call.ts';
import { Call, sdpOf } from '../support/phone.ts';

describe('drachtio-srf as a B2BUA', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const dial = (headers: Record<string, string> = {}) => {
    const call = rig.alice.newCall(rig.port);
    call.sendInvite(rig.alice.sdp, headers);
    return call;
  };

  const noDialogs = () => rig.engine.stats().dialogs === 0;

  it('sets the tag of its 200 to the Call-ID of the B leg', async () => {
    const dialogs = bridgeNextCall(rig, {
      responseHeaders: ((res: Srf.SrfResponse) => ({ To: `tag=${res.get('Call-ID')}` })) as never,
    });
    const call = dial();
    const invite = await rig.bob.receive('INVITE');
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('To')).toContain(`;tag=${invite.headers.get('Call-ID')}`);
    call.ack(ok);
    await dialogs;
  });

  it('passes named headers on in both directions, and adds its own', async () => {
    const dialogs = bridgeNextCall(rig, {
      headers: { 'X-Own': 'b' },
      proxyRequestHeaders: ['Subject', 'X-Color', 'Not-There'],
      proxyResponseHeaders: ['X-Shade'],
      responseHeaders: { 'X-Own': 'a' },
    } as never);
    const call = dial({ Subject: 'sale', 'X-Color': 'green', 'X-Secret': 'no' });
    const invite = await rig.bob.receive('INVITE');
    expect(['Subject', 'X-Color', 'X-Own', 'X-Secret'].map((name) => invite.headers.get(name))).toEqual([
      'sale',
      'green',
      'b',
      undefined,
    ]);
    rig.bob.reply(invite, 180, 'Ringing', { headers: { 'X-Shade': 'light' } });
    expect((await rig.alice.receive(180)).headers.get('X-Shade')).toBe('light');
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp, headers: { 'X-Shade': 'dark' } });
    const ok = await rig.alice.receive(200);
    expect([ok.headers.get('X-Shade'), ok.headers.get('X-Own')]).toEqual(['dark', 'a']);
    call.ack(ok);
    await dialogs;
  });

  it('keeps the display name of A', async () => {
    const dialogs = bridgeNextCall(rig);
    const call = rig.alice.newCall(rig.port);
    call.from = `"Alice A." <${rig.alice.uri}>;tag=alice-tag`;
    call.sendInvite();
    const invite = await rig.bob.receive('INVITE');
    expect(invite.headers.get('From')).toContain(`"Alice A." <sip:alice@127.0.0.1:${rig.port}>`);
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    call.ack(await rig.alice.receive(200));
    await dialogs;
  });

  const sdpForA = [
    ['a text', sdpOf('media')],
    ['a function', () => sdpOf('media')],
    ['a function that takes its time', () => new Promise((resolve) => setTimeout(() => resolve(sdpOf('media')), 30))],
  ] as const;

  for (const [how, localSdpA] of sdpForA) {
    it(`takes the SDP for A from ${how}; the uri from the options`, async () => {
      const dialogs = new Promise<unknown>((resolve, reject) => {
        rig.srf.invite((req, res) => {
          const options: object = { uri: rig.bob.uri, localSdpB: sdpOf('media'), localSdpA };
          (rig.srf.createB2BUA as unknown as (...args: unknown[]) => Promise<unknown>)
            .call(rig.srf, req, res, options)
            .then(resolve, reject);
        });
      });
      const call = dial();
      const invite = await rig.bob.receive('INVITE');
      expect(invite.body.toString()).toBe(sdpOf('media'));
      rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
      const ok = await rig.alice.receive(200);
      expect(ok.body.toString()).toBe(sdpOf('media'));
      call.ack(ok);
      await dialogs;
    });
  }

  it('passes a 404 of B on to A, unless told to keep it', async () => {
    const failed = bridgeNextCall(rig);
    failed.catch(() => {});
    const call = dial();
    rig.bob.reply(await rig.bob.receive('INVITE'), 404, 'Not Found');
    await rig.bob.receive('ACK');
    call.ackFailure(await rig.alice.receive(404));
    await expect(failed).rejects.toMatchObject({ status: 404 });
    expect(noDialogs()).toBe(true);
  });

  it('answers A itself when B has refused and passFailure is off', async () => {
    rig.srf.invite((req, res) => {
      rig.srf.createB2BUA(req, res, rig.bob.uri, { passFailure: false }).catch(() => res.send(480));
    });
    const call = dial();
    rig.bob.reply(await rig.bob.receive('INVITE'), 404, 'Not Found');
    call.ackFailure(await rig.alice.receive(480));
    expect(noDialogs()).toBe(true);
  });

  it('a 200 of B without Contact: A is refused, B acknowledged and hung up', async () => {
    rig.srf.invite((req, res) => {
      rig.srf.createB2BUA(req, res, rig.bob.uri, { passFailure: false }).catch(() => res.send(480));
    });
    const call = dial();
    rig.bob.reply(await rig.bob.receive('INVITE'), 200, 'OK', { body: rig.bob.sdp, contact: null });
    await rig.bob.receive('ACK');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    call.ackFailure(await rig.alice.receive(480));
    await eventually(noDialogs);
  });

  it('hears the end once when both hang up, in either order, and answers both', async () => {
    for (const first of ['alice', 'bob'] as const) {
      const { uas, uac, aliceCall, bobCall } = await connectCall(rig);
      const ends: string[] = [];
      uas.on('destroy', () => ends.push('uas'));
      uac.on('destroy', () => ends.push('uac'));
      const calls = first === 'alice' ? [aliceCall, bobCall] : [bobCall, aliceCall];
      for (const call of calls) call.request('BYE');
      await Promise.all([rig.alice.receive(200), rig.bob.receive(200)]);
      await eventually(noDialogs);
      // The program destroys the other leg at the first; drachtio-srf then keeps quiet about that one.
      expect(ends).toHaveLength(1);
      await rig.close();
      rig = await BridgeRig.open();
    }
  });

  it('passes B hanging up on even when the ACK of A was lost and its re-INVITE came first', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const aliceCall = dial();
    const invite = await bob.receive('INVITE');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    await dialogs;
    aliceCall.learn(ok);
    const ackOfFirst = { ...aliceCall.request('INFO'), method: 'ACK' };
    const firstCseq = aliceCall.invite!.headers.get('CSeq')!;
    aliceCall.sendInvite();
    aliceCall.ack(await until(alice, 200, 'INVITE', aliceCall.cseq));
    ackOfFirst.headers.set('CSeq', firstCseq.replace('INVITE', 'ACK'));
    ackOfFirst.headers.set('Via', alice.newVia());
    alice.send(ackOfFirst, rig.port);
    Call.answered(bob, invite, answer).request('BYE');
    await bob.receive(200);
    alice.reply(await alice.receive('BYE'), 200, 'OK');
    await eventually(noDialogs);
  });

  /** The next response of that status to the request with this method and number. */
  async function until(phone: BridgeRig['alice'], status: number, method: string, cseq: number) {
    for (;;) {
      const response = await phone.receive(status);
      if (response.headers.get('CSeq') === `${cseq} ${method}`) return response;
    }
  }
});
