import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig } from '../support/bridge-rig.ts';
import { bridgeNextCall, type ConnectedCall, connectCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

const SDP = { 'Content-Type': 'application/sdp' };

describe('a call in progress', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  /** What drachtio-fn-b2b-sugar does: pass requests on to the other side and its answer back. */
  const passOn = ({ uas, uac }: ConnectedCall) => {
    for (const [from, to] of [
      [uas, uac],
      [uac, uas],
    ] as const) {
      from.on('modify', async (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
        const sdp = await to.modify(req.body);
        res.send(200, { body: sdp });
      });
      from.on('info', async (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
        const options: object = {
          method: 'INFO',
          headers: { 'Content-Type': req.get('Content-Type') },
          body: req.body,
        };
        const answer = await to.request(options as Srf.SrfRequest);
        res.send(answer.status, { headers: { 'X-Answered': 'yes' } });
      });
    }
  };

  it('is put on hold by A: re-INVITE goes through and back (RFC 3261 §14)', async () => {
    const connected = await connectCall(rig);
    passOn(connected);
    const { alice, bob } = rig;
    const hold = alice.sdp.replace('sendrecv', 'sendonly');
    connected.aliceCall.sendInvite(hold);
    await alice.receive(100);
    const invite = await bob.receive('INVITE');
    expect(invite.body.toString()).toBe(hold);
    expect(invite.headers.get('Contact')).toContain(`@127.0.0.1:${rig.port}>`);
    expect(invite.uri).toBe(bob.uri);
    const answer = bob.sdp.replace('sendrecv', 'recvonly');
    bob.reply(invite, 200, 'OK', { body: answer });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    expect(ok.body.toString()).toBe(answer);
    connected.aliceCall.ack(ok);
  });

  it('is modified by B at once after its answer: the request waits for the ACK of A', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const aliceCall = alice.newCall(rig.port);
    aliceCall.sendInvite();
    const invite = await bob.receive('INVITE');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    const bobCall = Call.answered(bob, invite, answer);
    const reinvite = bobCall.sendInvite(bob.sdp.replace('40000', '40002'));
    await bob.receive(100);
    bob.send(reinvite, rig.port);
    await bob.receive(100);
    aliceCall.ack(ok);
    await dialogs;
    bobCall.ack(await bob.receive(200));
  });

  it('repeats its 200 to a re-INVITE until the ACK, and the ACK to each 200 of the peer', async () => {
    const connected = await connectCall(rig);
    const { alice, bob } = rig;
    connected.aliceCall.sendInvite();
    await alice.receive(200);
    connected.aliceCall.ack(await alice.receive(200));
    const modified = connected.uac.modify(bob.sdp);
    const invite = await bob.receive('INVITE');
    const answer = { body: bob.sdp };
    bob.reply(invite, 200, 'OK', answer);
    await bob.receive('ACK');
    bob.reply(invite, 200, 'OK', answer);
    await bob.receive('ACK');
    await modified;
  });

  it('survives a refused re-INVITE', async () => {
    const { uac, bobCall } = await connectCall(rig);
    const modified = uac.modify('v=0\r\n');
    rig.bob.reply(await rig.bob.receive('INVITE'), 488, 'Not Acceptable Here');
    await rig.bob.receive('ACK');
    await expect(modified).rejects.toMatchObject({ status: 488 });
    bobCall.request('OPTIONS');
    await rig.bob.receive(200);
  });

  it('passes INFO on, and its answer back', async () => {
    const connected = await connectCall(rig);
    passOn(connected);
    connected.aliceCall.request('INFO', { 'Content-Type': 'application/dtmf-relay' }, 'Signal=5\r\n');
    const info = await rig.bob.receive('INFO');
    expect(info.body.toString()).toBe('Signal=5\r\n');
    expect(info.headers.get('Content-Type')).toBe('application/dtmf-relay');
    rig.bob.reply(info, 200, 'OK', { contact: null });
    expect((await rig.alice.receive(200)).headers.get('X-Answered')).toBe('yes');
  });

  it('takes REFER and reports by NOTIFY in the same dialog (RFC 3515 §2.4.4)', async () => {
    const { uas, aliceCall } = await connectCall(rig);
    uas.on('refer', (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
      expect(req.get('Refer-To')).toBe('<sip:carol@example.com>');
      res.send(202);
      const notify = {
        method: 'NOTIFY',
        headers: {
          Event: 'refer',
          'Subscription-State': 'terminated;reason=noresource',
          'Content-Type': 'message/sipfrag;version=2.0',
        },
        body: 'SIP/2.0 200 OK',
      };
      void uas.request(notify as object as Srf.SrfRequest);
    });
    aliceCall.request('REFER', { 'Refer-To': '<sip:carol@example.com>' });
    await rig.alice.receive(202);
    const notify = await rig.alice.receive('NOTIFY');
    expect(notify.headers.get('Content-Type')).toBe('message/sipfrag;version=2.0');
    expect(notify.body.toString()).toBe('SIP/2.0 200 OK');
    rig.alice.reply(notify, 200, 'OK');
  });

  it('answers UPDATE while ringing, on both sides (RFC 3311 §5)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const aliceCall = alice.newCall(rig.port);
    aliceCall.sendInvite();
    const invite = await bob.receive('INVITE');
    const early = bob.reply(invite, 183, 'Session Progress', { body: bob.sdp });
    const progress = await alice.receive(183);
    aliceCall.learn(progress);
    aliceCall.request('UPDATE', SDP, alice.sdp);
    expect((await alice.receive(200)).body.toString()).toBe(bob.sdp);
    Call.answered(bob, invite, early).request('UPDATE', SDP, bob.sdp);
    expect((await bob.receive(200)).body.toString()).toBe(alice.sdp);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    aliceCall.ack(await alice.receive(200));
    await dialogs;
  });

  it('carries an offer made in the answer and the answer in the ACK (RFC 3264 §5)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const aliceCall = alice.newCall(rig.port);
    aliceCall.sendInvite(null);
    const invite = await bob.receive('INVITE');
    expect(invite.body).toHaveLength(0);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const offer = await alice.receive(200);
    expect(offer.body.toString()).toBe(bob.sdp);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    expect(bob.inbox.some((message) => message.kind === 'request' && message.method === 'ACK')).toBe(false);
    aliceCall.ack(offer, alice.sdp);
    const ack = await bob.receive('ACK');
    expect(ack.body.toString()).toBe(alice.sdp);
    expect(ack.headers.get('Content-Type')).toBe('application/sdp');
    await dialogs;
  });

  it("hears nothing of the headers that are the engine's own, and its names as they should be spelled", async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, { proxyRequestHeaders: ['all'], proxyResponseHeaders: ['all'] });
    const call = alice.newCall(rig.port);
    const extra = { 'Record-Route': '<sip:127.0.0.1:9;lr>', 'X-PH-Key': 'k1', 'p-foo-bar': '1', 'User-Agent': 'phone' };
    call.sendInvite(alice.sdp, extra);
    const invite = await bob.receive('INVITE');
    expect(invite.headers.getAll('Via')).toHaveLength(1);
    expect(invite.headers.has('Record-Route')).toBe(false);
    expect(invite.headers.get('X-PH-Key')).toBe('k1');
    expect(invite.headers.get('User-Agent')).toBe('phone');
    expect(Array.from(invite.headers, ([name]) => name)).toContain('P-Foo-Bar');
    bob.reply(invite, 200, 'OK', { body: bob.sdp, headers: { Server: 'bobware' } });
    const ok = await alice.receive(200);
    expect(ok.headers.getAll('Record-Route')).toEqual(['<sip:127.0.0.1:9;lr>']);
    expect(ok.headers.get('Server')).toBe('bobware');
    call.ack(ok);
    await dialogs;
  });
});
