import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually, quickTimers } from '../support/bridge-rig.ts';
import { sdpOf } from '../support/phone.ts';

const SDP = sdpOf('app');

describe('drachtio-srf as a UAS', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open({ timers: quickTimers });
  });
  afterEach(() => rig.close());

  const onInvite = <T>(act: (req: Srf.SrfRequest, res: Srf.SrfResponse) => Promise<T>) =>
    new Promise<T>((resolve, reject) => rig.srf.invite((req, res) => void act(req, res).then(resolve, reject)));

  const dial = (headers: Record<string, string> = {}) => {
    const call = rig.alice.newCall(rig.port);
    call.sendInvite(rig.alice.sdp, headers);
    return call;
  };

  it('createUAS gives a dialog; it hears the ACK and the BYE', async () => {
    const dialog = onInvite((req, res) => rig.srf.createUAS(req, res, { localSdp: SDP }));
    const call = dial();
    const ok = await rig.alice.receive(200);
    expect(ok.body.toString()).toBe(SDP);
    const uas = await dialog;
    expect((uas as unknown as { id: string }).id).toBe(`${call.callId};from-tag=alice-tag`);
    const acknowledged = new Promise((resolve) => uas.on('ack', resolve));
    call.ack(ok);
    await acknowledged;
    const ended = new Promise((resolve) => uas.on('destroy', (...args: unknown[]) => resolve(args[1])));
    call.request('BYE');
    expect(await ended).toBe('normal release');
    await rig.alice.receive(200);
    expect(rig.engine.stats().dialogs).toBe(0);
  });

  it.each(['', '<', '"'])('createUAS gives a dialog to a caller whose Contact is %j', async (contact) => {
    const dialog = onInvite((req, res) => rig.srf.createUAS(req, res, { localSdp: SDP }));
    const call = dial({ Contact: contact });
    call.ack(await rig.alice.receive(200));
    void (await dialog).destroy();
    await rig.alice.receive('BYE');
  });

  it('createUAS takes a callback', async () => {
    const dialog = onInvite(
      (req, res) =>
        new Promise<Srf.Dialog>((resolve, reject) => {
          const done = (error: Error | null, each?: Srf.Dialog) => (error ? reject(error) : resolve(each!));
          rig.srf.createUAS(req, res, { localSdp: SDP }, done as never);
        }),
    );
    const call = dial();
    call.ack(await rig.alice.receive(200));
    expect((await dialog).local.sdp).toContain('o=app');
  });

  it('rejects with any status, its reason and headers (RFC 3261 §21)', async () => {
    for (const [status, reason] of [
      [404, 'Not Found'],
      [486, 'Busy Here'],
      [503, 'No Agents'],
      [603, 'Decline'],
    ] as const) {
      rig.srf.invite((_req, res) => res.send(status, reason, { headers: { 'Retry-After': '7' } }));
      const call = dial();
      const refusal = await rig.alice.receive(status);
      call.ackFailure(refusal);
      expect(refusal.reason).toBe(reason);
      expect(refusal.headers.get('Retry-After')).toBe('7');
      rig.srf.removeAllListeners();
      await rig.close();
      rig = await BridgeRig.open({ timers: quickTimers });
    }
  });

  it('names the To tag itself', async () => {
    const dialog = onInvite((req, res) =>
      rig.srf.createUAS(req, res, { localSdp: SDP, headers: { To: `<sip:x@y>;tag=${req.get('Call-ID')}` } }),
    );
    const call = dial();
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('To')).toBe(`${call.to};tag=${call.callId}`);
    call.ack(ok);
    await dialog;
    call.request('BYE');
    await rig.alice.receive(200);
    expect(rig.engine.stats().dialogs).toBe(0);
  });

  it('writes its Contact as somebody at localhost', async () => {
    void onInvite((req, res) =>
      rig.srf.createUAS(req, res, { localSdp: SDP, headers: { Contact: 'sip:foo@localhost' } }),
    );
    const call = dial();
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('Contact')).toBe(`<sip:foo@127.0.0.1:${rig.port}>`);
    call.ack(ok);
  });

  it('hears why a caller that never acknowledges is gone (RFC 3261 §13.3.1.4)', async () => {
    const dialog = onInvite((req, res) => rig.srf.createUAS(req, res, { localSdp: SDP }));
    dial();
    const uas = await dialog;
    const why = new Promise((resolve) => uas.on('destroy', (...args: unknown[]) => resolve(args[1])));
    rig.alice.reply(await rig.alice.receive('BYE'), 200, 'OK');
    expect(await why).toBe('ACK timeout');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('rings twice, answers, and hangs up', async () => {
    const dialog = onInvite(async (req, res) => {
      res.send(180);
      res.send(183, { body: SDP, headers: { 'Content-Type': 'application/sdp' } });
      return rig.srf.createUAS(req, res, { localSdp: SDP });
    });
    const call = dial();
    await rig.alice.receive(180);
    const progress = await rig.alice.receive(183);
    expect(progress.body.toString()).toBe(SDP);
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('To')).toBe(progress.headers.get('To'));
    call.ack(ok);
    const ended = (await dialog).destroy({ headers: { 'X-Why': 'done' } });
    const bye = await rig.alice.receive('BYE');
    expect(bye.headers.get('X-Why')).toBe('done');
    rig.alice.reply(bye, 200, 'OK');
    await ended;
  });

  it('destroy() right after createUAS waits for the ACK (RFC 3261 §15)', async () => {
    const dialog = onInvite((req, res) => rig.srf.createUAS(req, res, { localSdp: SDP }));
    const call = dial();
    const ok = await rig.alice.receive(200);
    const ended = (await dialog).destroy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(rig.alice.inbox.filter((message) => message.kind === 'request')).toEqual([]);
    call.ack(ok);
    rig.alice.reply(await rig.alice.receive('BYE'), 200, 'OK');
    await ended;
  });

  it('sees the caller as it was written: callingNumber, calledNumber, display name, source', async () => {
    const seen = onInvite(async (req, res) => {
      res.send(486);
      return {
        calling: req.callingNumber,
        called: req.calledNumber,
        name: (req as unknown as { callingName: string }).callingName,
        port: req.source_port,
      };
    });
    const call = rig.alice.newCall(rig.port);
    call.from = `"Alice A." <sip:+12025550100@127.0.0.1>;tag=alice-tag`;
    call.sendInvite();
    call.ackFailure(await rig.alice.receive(486));
    expect(await seen).toEqual({
      calling: '+12025550100',
      called: 'service',
      name: 'Alice A.',
      port: rig.alice.port,
    });
  });
});
