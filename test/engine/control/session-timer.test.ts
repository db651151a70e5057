import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { bridgeNextCall } from '../support/bridged-call.ts';
import { Call } from '../support/phone.ts';

/** Sessions of a second or two, which no peer may ask for in earnest. */
const options = { minSessionSeconds: 1 };

const timer = (sessionExpires: string) => ({ Supported: 'timer', 'Session-Expires': sessionExpires });

describe('session timers of a call through createB2BUA (RFC 4028)', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open(options);
  });
  afterEach(() => rig.close());

  async function connect(asked: Record<string, string>, answered: Record<string, string> = {}) {
    const { alice, bob } = rig;
    const dialogs = bridgeNextCall(rig);
    const aliceCall = alice.newCall(rig.port);
    aliceCall.sendInvite(alice.sdp, asked);
    const invite = await bob.receive('INVITE');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp, headers: answered });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    aliceCall.ack(ok);
    return { aliceCall, bobCall: Call.answered(bob, invite, answer), ok, dialogs: await dialogs };
  }

  it('are kept up by the engine towards a caller who wants it to', async () => {
    const { ok, dialogs } = await connect(timer('2;refresher=uas'));
    expect(ok.headers.get('Session-Expires')).toBe('2;refresher=uas');
    const heard: string[] = [];
    for (const event of ['modify', 'refresh', 'destroy'] as const)
      (dialogs.uas as EventEmitter).on(event, () => heard.push(event));
    for (let round = 0; round < 2; round += 1) {
      const refresh = await rig.alice.receive('INVITE');
      expect(refresh.body.toString()).toBe(ok.body.toString());
      rig.alice.reply(refresh, 200, 'OK', {
        body: rig.alice.sdp,
        headers: { 'Session-Expires': '2;refresher=uac', Require: 'timer' },
      });
      await rig.alice.receive('ACK');
    }
    expect(heard).toEqual([]);
  });

  it('are kept up by UPDATE towards a callee who takes it', async () => {
    await connect({}, { 'Session-Expires': '2;refresher=uac', Require: 'timer', Allow: 'INVITE, UPDATE' });
    const refresh = await rig.bob.receive('UPDATE');
    expect(refresh.headers.get('Session-Expires')).toBe('2;refresher=uac');
    rig.bob.reply(refresh, 200, 'OK', { headers: { 'Session-Expires': '2;refresher=uac' } });
    await rig.bob.receive('UPDATE');
  });

  it('end both legs when the caller does not refresh, the application hearing why', async () => {
    const { dialogs } = await connect(timer('1;refresher=uac'));
    const why = new Promise((resolve) => (dialogs.uas as EventEmitter).on('destroy', (_, reason) => resolve(reason)));
    const bye = await rig.alice.receive('BYE');
    expect(bye.headers.get('Reason')).toContain('Session timer expired');
    rig.alice.reply(bye, 200, 'OK');
    expect(await why).toBe('Session timer expired');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('go on in the 200 that drachtio-srf gives to a refresh', async () => {
    const { aliceCall } = await connect(timer('60;refresher=uac'));
    aliceCall.sendInvite(rig.alice.sdp, timer('60;refresher=uac'));
    const ok = await rig.alice.receive(200);
    expect(ok.headers.get('Session-Expires')).toBe('60;refresher=uac');
    aliceCall.ack(ok);
    aliceCall.request('UPDATE', timer('60;refresher=uac'));
    expect((await rig.alice.receive(200)).headers.get('Session-Expires')).toBe('60;refresher=uac');
  });
});
