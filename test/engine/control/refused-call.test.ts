import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually, quickTimers } from '../support/bridge-rig.ts';
import { bridgeNextCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

describe('a call that does not come about', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open({ timers: quickTimers });
  });
  afterEach(() => rig.close());

  const noDialogs = () => rig.engine.stats().dialogs === 0;

  it('is cancelled by A while B rings, with the Reason passed on (RFC 3261 §9)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    await alice.receive(180);
    call.cancel({ Reason: 'SIP;cause=200;text="Call completed elsewhere"' });
    await alice.receive(200);
    call.ackFailure(await alice.receive(487));
    const cancel = await bob.receive('CANCEL');
    expect(cancel.headers.get('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(cancel.headers.get('Via')).toBe(invite.headers.get('Via'));
    bob.reply(cancel, 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await bob.receive('ACK');
    await expect(dialogs).rejects.toMatchObject({ status: 487 });
    expect(noDialogs()).toBe(true);
  });

  it('is cancelled by A before the application has answered', async () => {
    const { alice } = rig;
    const refused = new Promise<unknown>((resolve) => {
      rig.srf.invite((req, res) => {
        req.on('cancel', () => res.send(200, 'OK', {}, resolve));
      });
    });
    const call = alice.newCall(rig.port);
    call.sendInvite();
    await alice.receive(100);
    call.cancel();
    await alice.receive(200);
    call.ackFailure(await alice.receive(487));
    expect(await refused).toMatch(/unable to find transaction/);
    expect(noDialogs()).toBe(true);
  });

  it('is cancelled by A before B has said anything: CANCEL waits for the first 1xx (RFC 3261 §9.1)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    call.cancel();
    await alice.receive(487);
    expect(bob.inbox.some((message) => message.kind === 'request' && message.method === 'CANCEL')).toBe(false);
    bob.reply(invite, 100, 'Trying');
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await expect(dialogs).rejects.toMatchObject({ status: 487 });
  });

  it('is cancelled by A just as B answers: B gets ACK and BYE', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    dialogs.catch(() => {});
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    await alice.receive(180);
    call.cancel();
    const cancel = await bob.receive('CANCEL');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    bob.reply(cancel, 200, 'OK');
    await bob.receive('ACK');
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    call.ackFailure(await alice.receive(487));
    await expect(dialogs).rejects.toThrow();
    await eventually(noDialogs);
  });

  it('goes to a second target after a 486, A hearing only of that (RFC 3261 §13.3.1)', async () => {
    const { alice, bob } = rig;
    const carol = await rig.anotherPhone('carol');
    const done = new Promise<void>((resolve, reject) => {
      rig.srf.invite(async (req, res) => {
        try {
          await rig.srf.createB2BUA(req, res, bob.uri, { passFailure: false }).catch(() => {});
          await rig.srf.createB2BUA(req, res, carol.uri, {});
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const first = await bob.receive('INVITE');
    bob.reply(first, 486, 'Busy Here');
    const ack = await bob.receive('ACK');
    expect(ack.headers.get('Via')).toBe(first.headers.get('Via'));
    const second = await carol.receive('INVITE');
    expect(second.headers.get('Call-ID')).not.toBe(first.headers.get('Call-ID'));
    carol.reply(second, 200, 'OK', { body: carol.sdp });
    await carol.receive('ACK');
    const ok = await alice.receive(200);
    expect(ok.body.toString()).toBe(carol.sdp);
    call.ack(ok);
    await done;
  });

  it('passes a refusal on with its status and reason, resent until the ACK', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    bob.reply(await bob.receive('INVITE'), 603, 'Not Now');
    await expect(dialogs).rejects.toMatchObject({ status: 603 });
    const refusal = await alice.receive(603);
    expect(refusal.reason).toBe('Not Now');
    await alice.receive(603);
    call.ackFailure(refusal);
    await eventually(noDialogs);
  });

  it('is tried again with credentials after a 407 (RFC 3261 §22.3)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig, { auth: { username: 'user', password: 'secret' } });
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const first = await bob.receive('INVITE');
    const challenge = { 'Proxy-Authenticate': 'Digest realm="bob", nonce="n1", qop="auth", algorithm=MD5' };
    bob.reply(first, 407, 'Proxy Authentication Required', { headers: challenge });
    await bob.receive('ACK');
    const second = await bob.receive('INVITE');
    expect(second.headers.get('Proxy-Authorization')).toContain('username="user"');
    for (const name of ['Call-ID', 'From']) expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(Number.parseInt(second.headers.get('CSeq')!, 10)).toBe(Number.parseInt(first.headers.get('CSeq')!, 10) + 1);
    bob.reply(second, 200, 'OK', { body: bob.sdp });
    const ack = await bob.receive('ACK');
    expect(ack.headers.get('CSeq')).toBe(second.headers.get('CSeq')!.replace('INVITE', 'ACK'));
    expect(ack.headers.get('Proxy-Authorization')).toBe(second.headers.get('Proxy-Authorization'));
    call.ack(await alice.receive(200));
    await dialogs;
  });

  it('follows a redirection', async () => {
    const { bob } = rig;
    const carol = await rig.anotherPhone('carol');
    const options: object = { localSdp: bob.sdp, followRedirects: true };
    const dialog = rig.srf.createUAC(bob.uri, options);
    bob.reply(await bob.receive('INVITE'), 302, 'Moved Temporarily', { contact: `<${carol.uri}>` });
    await bob.receive('ACK');
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await carol.receive('ACK');
    await dialog;
  });

  it('cancels the losers when several targets ring at once', async () => {
    const { bob } = rig;
    const carol = await rig.anotherPhone('carol');
    let cancelBob: () => void = () => {};
    const onRequest = (_error: unknown, req: Srf.SrfRequest) => {
      cancelBob = () => req.cancel(() => {});
    };
    const loser = rig.srf.createUAC(bob.uri, { localSdp: bob.sdp }, { cbRequest: onRequest as never });
    const winner = rig.srf.createUAC(carol.uri, { localSdp: carol.sdp });
    const bobInvite = await bob.receive('INVITE');
    bob.reply(bobInvite, 180, 'Ringing');
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await winner;
    cancelBob();
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(bobInvite, 487, 'Request Terminated');
    await expect(loser).rejects.toMatchObject({ status: 487 });
  });

  it('gets 503 when no application is there', async () => {
    await rig.close();
    rig = await BridgeRig.open({ timers: quickTimers });
    const call = rig.alice.newCall(rig.port);
    call.sendInvite();
    await rig.alice.receive(100);
    call.ackFailure(await rig.alice.receive(503));
  });

  it('ends at B when A never acknowledges, the application hearing why (RFC 3261 §13.3.1.4)', async () => {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const call = alice.newCall(rig.port);
    call.sendInvite();
    const invite = await bob.receive('INVITE');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const { uas } = await dialogs;
    const why = new Promise((resolve) => uas.on('destroy', (...args: unknown[]) => resolve(args[1])));
    const bye = await alice.receive('BYE');
    expect(bye.headers.get('Reason')).toContain('ACK timeout');
    expect(await why).toBe('ACK timeout');
    expect(Call.answered(bob, invite, answer).to).toBe((await bob.receive('BYE')).headers.get('From'));
  });
});
