import { createRequire } from 'node:module';
import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { type ConnectedCall, connectCall } from '../support/bridged-call.ts';
import { Call, type Phone, sdpOf } from '../support/phone.ts';

// Our declaration of this package names only what the service uses.
const { forwardInDialogRequests, simring } = createRequire(import.meta.url)('drachtio-fn-b2b-sugar') as {
  forwardInDialogRequests(dialog: Srf.Dialog, methods: readonly string[]): void;
  simring(req: Srf.SrfRequest, res: Srf.SrfResponse, uris: string[], options: object): Promise<Bridged>;
};

interface Bridged {
  readonly uas: Srf.Dialog;
  readonly uac: Srf.Dialog;
}

describe('drachtio-srf in a call', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const held = (sdp: string) => sdp.replace('a=sendrecv', 'a=sendonly');

  it('hears hold and unhold of A and of B, and answers them itself', async () => {
    const connected = await connectCall(rig);
    for (const [dialog, call] of [
      [connected.uas, connected.aliceCall],
      [connected.uac, connected.bobCall],
    ] as const) {
      const heard: string[] = [];
      for (const event of ['hold', 'unhold']) dialog.on(event as 'modify', () => heard.push(event));
      const { phone } = call;
      for (const sdp of [held(phone.sdp), phone.sdp]) {
        call.sendInvite(sdp);
        const ok = await phone.receive(200);
        expect(ok.headers.get('Contact')).toMatch(/^<sip:/);
        expect(ok.body.toString()).toContain(sdp === phone.sdp ? 'a=sendrecv' : 'a=recvonly');
        call.ack(ok);
      }
      expect(heard).toEqual(['hold', 'unhold']);
    }
  });

  it('holds and resumes either side', async () => {
    const { uas, uac, aliceCall, bobCall } = await connectCall(rig);
    for (const [dialog, call] of [
      [uas, aliceCall],
      [uac, bobCall],
    ] as const) {
      const { phone } = call;
      for (const [what, direction] of [
        ['hold', 'a=inactive'],
        ['unhold', 'a=sendrecv'],
      ] as const) {
        const modified = dialog.modify(what);
        const reinvite = await phone.receive('INVITE');
        expect(reinvite.body.toString()).toContain(direction);
        phone.reply(reinvite, 200, 'OK', { body: phone.sdp });
        await phone.receive('ACK');
        await modified;
      }
    }
  });

  it('modifies without an offer: the ACK carries the answer (RFC 3264 §5)', async () => {
    const { uac } = await connectCall(rig);
    const { bob } = rig;
    const modified = uac.modify({ noAck: true } as never) as never as Promise<{ sdp: string; ack(sdp: string): void }>;
    const reinvite = await bob.receive('INVITE');
    expect(reinvite.body).toHaveLength(0);
    bob.reply(reinvite, 200, 'OK', { body: bob.sdp });
    const { sdp, ack } = await modified;
    expect(sdp).toBe(bob.sdp);
    ack(sdpOf('late'));
    const acknowledged = await bob.receive('ACK');
    expect(acknowledged.body.toString()).toBe(sdpOf('late'));
    expect(acknowledged.headers.get('CSeq')).toBe(reinvite.headers.get('CSeq')!.replace('INVITE', 'ACK'));
  });

  for (const method of ['INFO', 'MESSAGE', 'OPTIONS', 'NOTIFY', 'UPDATE', 'REFER', 'PUBLISH'] as const) {
    it(`sends ${method} and gets its answer, whatever that is`, async () => {
      const { uas, uac, aliceCall, bobCall } = await connectCall(rig);
      for (const [dialog, { phone }, status] of [
        [uas, aliceCall, 200],
        [uac, bobCall, 488],
      ] as const) {
        const answered = dialog.request({
          method,
          headers: { 'X-Seen': '1' },
        } as never) as never as Promise<Srf.SrfResponse>;
        const request = await phone.receive(method);
        expect(request.headers.get('X-Seen')).toBe('1');
        phone.reply(request, status, 'Answer');
        expect((await answered).status).toBe(status);
      }
    });
  }

  /** NOTIFY of the implicit subscription of a REFER (RFC 3515 §2.4.4). */
  const notify = (dialog: Srf.Dialog, state: string, body: string) =>
    dialog.request({
      method: 'NOTIFY',
      headers: { Event: 'refer', 'Subscription-State': state, 'Content-Type': 'message/sipfrag;version=2.0' },
      body,
    } as never);

  /** The program's part of a transfer: alice leaves, bob and `find()` are connected. */
  const onRefer = ({ uas, uac }: ConnectedCall, find: (req: Srf.SrfRequest) => Promise<Srf.Dialog>) =>
    new Promise<Srf.Dialog>((resolve, reject) => {
      uas.on('refer', async (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
        try {
          res.send(202);
          void notify(uas, 'active', 'SIP/2.0 100 Trying');
          const target = await find(req);
          void notify(uas, 'terminated;reason=noresource', 'SIP/2.0 200 OK');
          await Promise.all([uac.modify(target.remote.sdp), target.modify(uac.remote.sdp)]);
          uac.removeAllListeners('destroy');
          uac.on('destroy', () => void target.destroy());
          resolve(target);
        } catch (error) {
          reject(error);
        }
      });
    });

  /** Alice hears 202 and both NOTIFYs; bob and carol hear each other. */
  const expectTransfer = async (carol: Phone) => {
    const { alice, bob } = rig;
    await alice.receive(202);
    for (const body of ['SIP/2.0 100 Trying', 'SIP/2.0 200 OK']) {
      const notified = await alice.receive('NOTIFY');
      expect(notified.body.toString()).toBe(body);
      alice.reply(notified, 200, 'OK');
    }
    for (const [phone, other] of [
      [bob, carol],
      [carol, bob],
    ] as const) {
      const reinvite = await phone.receive('INVITE');
      expect(reinvite.body.toString()).toBe(other.sdp);
      phone.reply(reinvite, 200, 'OK', { body: phone.sdp });
      await phone.receive('ACK');
    }
  };

  it('transfers blind: REFER, NOTIFY, a new call and two re-INVITEs (RFC 3515)', async () => {
    const connected = await connectCall(rig);
    const carol = await rig.anotherPhone('carol');
    const done = onRefer(connected, (req) => {
      const { uri } = req.getParsedHeader('Refer-To') as unknown as { uri: string };
      return rig.srf.createUAC(uri, { localSdp: connected.uac.remote.sdp });
    });
    connected.aliceCall.request('REFER', { 'Refer-To': `<${carol.uri}>`, 'Referred-By': '<sip:alice@127.0.0.1>' });
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await carol.receive('ACK');
    await expectTransfer(carol);
    await done;
    connected.aliceCall.request('BYE');
    connected.bobCall.request('BYE');
    carol.reply(await carol.receive('BYE'), 200, 'OK');
  });

  it('transfers attended: the consultation is found by Call-ID and From tag (RFC 3891)', async () => {
    const connected = await connectCall(rig);
    const carol = await rig.anotherPhone('carol');
    const toCarol = carolAnswers(carol);
    const uac = rig.srf.createUAC(carol.uri, { localSdp: sdpOf('consultation') });
    await toCarol;
    const other = await uac;
    const done = onRefer(connected, async (req) => {
      const [, callId, fromTag] = /Replaces=(.*)%3Bto-tag%3D.*%3Bfrom-tag%3D(.*)>/.exec(req.get('Refer-To'))!;
      return (
        rig.srf as unknown as { findDialogByCallIDAndFromTag(callId: string, tag: string): Srf.Dialog }
      ).findDialogByCallIDAndFromTag(callId!, fromTag!);
    });
    const replaces = `${other.sip.callId}%3Bto-tag%3D${other.sip.remoteTag}%3Bfrom-tag%3D${other.sip.localTag}`;
    connected.aliceCall.request('REFER', { 'Refer-To': `<${carol.uri}?Replaces=${replaces}>` });
    await expectTransfer(carol);
    expect(await done).toBe(other);
  });

  async function carolAnswers(carol: Phone): Promise<void> {
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await carol.receive('ACK');
  }

  it('forwardInDialogRequests carries INFO, MESSAGE and the rest across, with body and answer', async () => {
    const connected: ConnectedCall = await connectCall(rig);
    forwardInDialogRequests(connected.uas, ['info', 'message', 'options']);
    const { aliceCall, bobCall } = connected;
    for (const [from, to] of [
      [aliceCall, bobCall],
      [bobCall, aliceCall],
    ] as const) {
      for (const method of ['INFO', 'MESSAGE', 'OPTIONS']) {
        from.request(method, { 'Content-Type': 'text/plain', 'X-Tone': '5' }, 'Grüße');
        const request = await to.phone.receive(method);
        expect([request.body.toString(), request.headers.get('X-Tone')]).toEqual(['Grüße', '5']);
        to.phone.reply(request, 415, 'No');
        await from.phone.receive(415);
      }
    }
  });

  describe('simring', () => {
    const ring = (uris: readonly string[]) =>
      new Promise<Bridged>((resolve, reject) => {
        rig.srf.invite((req, res) => {
          simring(req, res, [...uris], { localSdpB: req.body }).then(resolve, reject);
        });
      });

    it('takes the first to answer and cancels the others, rung or not', async () => {
      const [carol, dave] = [await rig.anotherPhone('carol'), await rig.anotherPhone('dave')];
      const { alice, bob } = rig;
      const winner = ring([bob.uri, carol.uri, dave.uri]);
      const call = alice.newCall(rig.port);
      call.sendInvite();
      const [toBob, toCarol, toDave] = await Promise.all([bob, carol, dave].map((phone) => phone.receive('INVITE')));
      bob.reply(toBob!, 180, 'Ringing');
      const answer = carol.reply(toCarol!, 200, 'OK', { body: carol.sdp });
      await carol.receive('ACK');
      const cancel = await bob.receive('CANCEL');
      bob.reply(cancel, 200, 'OK');
      bob.reply(toBob!, 487, 'Request Terminated');
      await bob.receive('ACK');
      dave.reply(toDave!, 100, 'Trying');
      dave.reply(await dave.receive('CANCEL'), 200, 'OK');
      dave.reply(toDave!, 487, 'Request Terminated');
      await dave.receive('ACK');
      call.ack(await alice.receive(200));
      const { uas, uac } = await winner;
      uac.on('destroy', () => void uas.destroy());
      Call.answered(carol, toCarol!, answer).request('BYE');
      alice.reply(await alice.receive('BYE'), 200, 'OK');
      await eventually(() => rig.engine.stats().dialogs === 0);
    });

    it('two answer in one tick: one is the call, the other is acknowledged and hung up', async () => {
      const carol = await rig.anotherPhone('carol');
      const { alice, bob } = rig;
      const winner = ring([bob.uri, carol.uri]);
      const call = alice.newCall(rig.port);
      call.sendInvite();
      const [toBob, toCarol] = await Promise.all([bob.receive('INVITE'), carol.receive('INVITE')]);
      bob.reply(toBob, 180, 'Ringing');
      carol.reply(toCarol, 180, 'Ringing');
      bob.reply(toBob, 200, 'OK', { body: bob.sdp });
      carol.reply(toCarol, 200, 'OK', { body: carol.sdp });
      await Promise.all([bob.receive('ACK'), carol.receive('ACK')]);
      call.ack(await alice.receive(200));
      await winner;
      const loser = await Promise.race([
        bob.receive('BYE').then(() => 'bob'),
        carol.receive('BYE').then(() => 'carol'),
      ]);
      expect(['bob', 'carol']).toContain(loser);
    });

    it('the caller gives up: all are cancelled', async () => {
      const carol = await rig.anotherPhone('carol');
      const { alice, bob } = rig;
      const winner = ring([bob.uri, carol.uri]);
      winner.catch(() => {});
      const call = alice.newCall(rig.port);
      call.sendInvite();
      for (const phone of [bob, carol]) phone.reply(await phone.receive('INVITE'), 180, 'Ringing');
      await new Promise((resolve) => setTimeout(resolve, 30));
      call.cancel();
      call.ackFailure(await alice.receive(487));
      for (const phone of [bob, carol]) phone.reply(await phone.receive('CANCEL'), 200, 'OK');
    });
  });
});
