import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { Call } from '../support/phone.ts';

describe('a call bridged by createB2BUA', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  /** The application: bridges to bob and hangs up the other side when one hangs up. */
  const bridge = (options: object = {}) =>
    new Promise<{ uas: Srf.Dialog; uac: Srf.Dialog }>((resolve, reject) => {
      rig.srf.invite(async (req, res) => {
        try {
          const { uas, uac } = await rig.srf.createB2BUA(req, res, rig.bob.uri, { localSdpB: req.body, ...options });
          uas.on('destroy', () => uac.destroy());
          uac.on('destroy', () => uas.destroy());
          resolve({ uas, uac });
        } catch (error) {
          reject(error);
        }
      });
    });

  const answerCall = async () => {
    const dialogs = bridge();
    const call = rig.alice.newCall(rig.port);
    call.sendInvite();
    await rig.alice.receive(100);
    const invite = await rig.bob.receive('INVITE');
    rig.bob.reply(invite, 180, 'Ringing');
    const ringing = await rig.alice.receive(180);
    const answer = rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    await rig.bob.receive('ACK');
    const ok = await rig.alice.receive(200);
    call.ack(ok);
    return { call, invite, ringing, ok, bobCall: Call.answered(rig.bob, invite, answer), ...(await dialogs) };
  };

  it('carries both SDPs, rings and connects (RFC 3261 §13)', async () => {
    const { invite, ringing, ok } = await answerCall();
    expect(invite.body.toString()).toBe(rig.alice.sdp);
    expect(ok.body.toString()).toBe(rig.bob.sdp);
    expect(ok.headers.get('Contact')).toBe(`<sip:127.0.0.1:${rig.port}>`);
    expect(ringing.headers.get('To')).toBe(ok.headers.get('To'));
    expect(invite.headers.get('From')).toMatch(
      new RegExp(`^<sip:alice@127\\.0\\.0\\.1:${rig.port}>;tag=[a-z2-7]{16}$`),
    );
  });

  it('A hangs up', async () => {
    const { call } = await answerCall();
    call.request('BYE');
    await rig.alice.receive(200);
    const bye = await rig.bob.receive('BYE');
    rig.bob.reply(bye, 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0 && rig.engine.stats().outgoing === 0);
  });

  it('B hangs up', async () => {
    const { bobCall, invite } = await answerCall();
    bobCall.request('BYE');
    await rig.bob.receive(200);
    const bye = await rig.alice.receive('BYE');
    expect(bye.uri).toBe(rig.alice.uri);
    expect(bye.headers.get('Call-ID')).not.toBe(invite.headers.get('Call-ID'));
    rig.alice.reply(bye, 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0 && rig.engine.stats().outgoing === 0);
  });

  it('leaves nothing behind once the timers have run out', async () => {
    const { call } = await answerCall();
    call.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await eventually(() => {
      const { dialogs, clientTransactions, serverTransactions, incoming, outgoing, timers } = rig.engine.stats();
      return dialogs + clientTransactions + serverTransactions + incoming + outgoing + timers === 0;
    });
  });
});
