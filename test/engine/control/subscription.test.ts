import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig, disconnect, eventually } from '../support/bridge-rig.ts';
import { Call } from '../support/phone.ts';

const presence = { Event: 'presence', Expires: '60' };

describe('subscriptions of a drachtio-srf application', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  /** The application accepts the next subscription with createUAS. */
  const acceptNext = () =>
    new Promise<Srf.Dialog>((resolve, reject) => {
      rig.srf.use('subscribe', (req, res) => {
        // SUBSCRIBE needs no SDP; the types of drachtio-srf ask for one all the same.
        rig.srf
          .createUAS(req, res, { headers: { Expires: '60' } } as unknown as Srf.CreateUASOptions)
          .then(resolve, reject);
      });
    });

  /** Alice subscribes at the application. */
  const aliceSubscribes = async () => {
    const accepted = acceptNext();
    const call = rig.alice.newCall(rig.port);
    call.request('SUBSCRIBE', { ...presence, Contact: `<${rig.alice.uri}>` });
    const ok = await rig.alice.receive(202);
    call.learn(ok);
    return { call, ok, dialog: await accepted };
  };

  it('come in: createUAS answers 202, notifies in the dialog, and destroy ends it (RFC 6665 §4.2)', async () => {
    const { alice } = rig;
    const { ok, dialog } = await aliceSubscribes();
    expect(ok.headers.get('Contact')).toBe(`<sip:127.0.0.1:${rig.port}>`);
    const request = dialog.request.bind(dialog) as unknown as (options: object) => Promise<Srf.SrfResponse>;
    const notified = request({
      method: 'NOTIFY',
      headers: { Event: 'presence', 'Subscription-State': 'active', 'Content-Type': 'text/plain' },
      body: 'open',
    });
    const notify = await alice.receive('NOTIFY');
    expect(notify.headers.get('From')).toBe(ok.headers.get('To'));
    expect(notify.body.toString()).toBe('open');
    alice.reply(notify, 200, 'OK');
    expect((await notified).status).toBe(200);
    await dialog.destroy();
    const last = await alice.receive('NOTIFY');
    expect(last.headers.get('Subscription-State')).toBe('terminated');
    expect(last.headers.get('Event')).toBe('presence');
    expect(rig.engine.stats().dialogs).toBe(1);
    alice.reply(last, 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('are refreshed and given up by the subscriber inside the dialog', async () => {
    const { alice } = rig;
    const { call, dialog } = await aliceSubscribes();
    dialog.on('subscribe' as never, (_req: Srf.SrfRequest, res: Srf.SrfResponse) =>
      res.send(200, { headers: { Expires: '60' } }),
    );
    call.request('SUBSCRIBE', { ...presence, Contact: `<${alice.uri}>` });
    await alice.receive(200);
    const left = new Promise((resolve) => dialog.on('unsubscribe' as never, resolve));
    call.request('SUBSCRIBE', { ...presence, Expires: '0', Contact: `<${alice.uri}>` });
    await alice.receive(202);
    await left;
    await dialog.destroy();
    alice.reply(await alice.receive('NOTIFY'), 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('go out: createUAC makes the dialog, its NOTIFYs arrive there, terminated destroys it (RFC 6665 §4.1)', async () => {
    const { bob } = rig;
    const made = rig.srf.createUAC(bob.uri, {
      method: 'SUBSCRIBE',
      // drachtio-srf finds the subscription again only when From and To name the same user.
      headers: { ...presence, From: `<${bob.uri}>` },
    } as unknown as Srf.CreateUACOptions);
    const subscribe = await bob.receive('SUBSCRIBE');
    expect(subscribe.headers.get('Contact')).toBe(`<sip:127.0.0.1:${rig.port}>`);
    const answer = bob.reply(subscribe, 200, 'OK', { headers: { Expires: '60' } });
    const dialog = await made;
    const bodies: string[] = [];
    dialog.on('notify', (req: Srf.SrfRequest, res: Srf.SrfResponse) => {
      bodies.push(req.body);
      res.send(200);
    });
    const gone = new Promise((resolve) => dialog.on('destroy', resolve));
    const notifier = Call.answered(bob, subscribe, answer);
    const headers = { Event: 'presence', 'Content-Type': 'text/plain', Contact: `<${bob.uri}>` };
    notifier.request('NOTIFY', { ...headers, 'Subscription-State': 'active;expires=60' }, 'open');
    await bob.receive(200);
    notifier.request('NOTIFY', { ...headers, 'Subscription-State': 'terminated;reason=noresource' }, 'closed');
    await bob.receive(200);
    await gone;
    expect(bodies).toEqual(['open', 'closed']);
    expect(rig.engine.stats().dialogs).toBe(0);
    notifier.request('NOTIFY', { ...headers, 'Subscription-State': 'active' });
    await bob.receive(481);
  });

  it('go out and are refused', async () => {
    const { bob } = rig;
    const made = rig.srf.createUAC(bob.uri, {
      method: 'SUBSCRIBE',
      headers: presence,
    } as unknown as Srf.CreateUACOptions);
    bob.reply(await bob.receive('SUBSCRIBE'), 489, 'Bad Event');
    await expect(made).rejects.toMatchObject({ status: 489 });
    expect(rig.engine.stats().dialogs).toBe(0);
  });

  it('end for their subscribers when the application leaves', async () => {
    const { alice } = rig;
    await aliceSubscribes();
    disconnect(rig.srf);
    const notify = await alice.receive('NOTIFY');
    expect(notify.headers.get('Subscription-State')).toBe('terminated;reason=deactivated');
    alice.reply(notify, 200, 'OK');
    await eventually(() => rig.engine.stats().dialogs === 0);
  });
});
