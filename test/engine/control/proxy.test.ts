import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipResponse } from '../../../sip/engine/message/message.ts';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { Call, type Phone } from '../support/phone.ts';

interface ProxyOptions {
  readonly forking?: 'simultaneous' | 'sequential';
  readonly remainInDialog?: boolean;
  readonly followRedirects?: boolean;
  readonly provisionalTimeout?: string;
  readonly finalTimeout?: string;
  readonly headers?: Record<string, string>;
}

interface ProxyResults {
  readonly connected: boolean;
  readonly finalStatus: number;
  readonly responses: readonly { readonly msgs: readonly { readonly status: number }[] }[];
}

describe('an INVITE a drachtio-srf application proxies (RFC 3261 §16)', () => {
  let rig: BridgeRig;
  let carol: Phone;
  beforeEach(async () => {
    rig = await BridgeRig.open();
    carol = await rig.anotherPhone('carol');
  });
  afterEach(() => rig.close());

  const hostOf = (phone: Phone) => `127.0.0.1:${phone.port}`;

  /** The application proxies the next INVITE; the results are what drachtio-srf makes of the frames. */
  const proxyNext = (destinations: string[], options: ProxyOptions = {}) =>
    new Promise<ProxyResults>((resolve, reject) => {
      rig.srf.invite((req) => {
        const proxied = rig.srf.proxyRequest(req, destinations, options as Srf.ProxyRequestOptions);
        (proxied as unknown as Promise<ProxyResults>).then(resolve, reject);
      });
    });

  const call = (headers: Record<string, string> = {}) => {
    const aliceCall = rig.alice.newCall(rig.port);
    aliceCall.sendInvite(undefined, headers);
    return aliceCall;
  };

  const statuses = (results: ProxyResults) => results.responses.flatMap(({ msgs }) => msgs.map(({ status }) => status));

  it('goes to its destination with our Via and one hop less, and what comes back goes to the caller', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob)], { headers: { 'X-Route': 'gold' } });
    const aliceCall = call();
    const invite = await bob.receive('INVITE');
    expect(invite.uri).toBe(`sip:service@${hostOf(bob)}`);
    expect(invite.headers.get('Max-Forwards')).toBe('69');
    expect(invite.headers.getAll('Via')).toHaveLength(2);
    expect(invite.headers.get('X-Route')).toBe('gold');
    expect(invite.headers.has('Record-Route')).toBe(false);
    expect(invite.headers.get('From')).toBe(aliceCall.from);
    expect(invite.headers.get('Contact')).toBe(`<${alice.uri}>`);
    expect(invite.body.toString()).toBe(alice.sdp);
    bob.reply(invite, 180, 'Ringing');
    expect((await alice.receive(180)).headers.getAll('Via')).toHaveLength(1);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    expect(ok.body.toString()).toBe(bob.sdp);
    expect(ok.headers.get('Contact')).toBe(`<${bob.uri}>`);
    expect(await results).toMatchObject({ connected: true, finalStatus: 200 });
    expect(rig.engine.stats()).toMatchObject({ dialogs: 0, incoming: 0, outgoing: 0, proxied: 0 });
  });

  it('tries serial destinations until one answers', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)]);
    call();
    const first = await bob.receive('INVITE');
    bob.reply(first, 486, 'Busy Here');
    await bob.receive('ACK');
    const second = await carol.receive('INVITE');
    expect(second.headers.get('Via')).not.toBe(first.headers.get('Via'));
    carol.reply(second, 200, 'OK', { body: carol.sdp });
    expect((await alice.receive(200)).body.toString()).toBe(carol.sdp);
    expect(statuses(await results)).toEqual([486, 200]);
    expect(alice.inbox.some((message) => message.kind === 'response' && message.status === 486)).toBe(false);
  });

  it('tells the caller the best failure when all destinations fail (§16.7)', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)]);
    const aliceCall = call();
    bob.reply(await bob.receive('INVITE'), 486, 'Busy Here');
    carol.reply(await carol.receive('INVITE'), 503, 'Service Unavailable');
    aliceCall.ackFailure(await alice.receive(486));
    await carol.receive('ACK');
    expect(await results).toMatchObject({ connected: false, finalStatus: 486 });
    expect(statuses(await results)).toEqual([503, 486]);
    await eventually(() => rig.engine.stats().proxied === 0);
  });

  it('forks to all at once; the losers are cancelled when one answers (§16.7, step 10)', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)], { forking: 'simultaneous' });
    call();
    const [toBob, toCarol] = await Promise.all([bob.receive('INVITE'), carol.receive('INVITE')]);
    bob.reply(toBob, 180, 'Ringing');
    carol.reply(toCarol, 180, 'Ringing');
    await alice.receive(180);
    carol.reply(toCarol, 200, 'OK', { body: carol.sdp });
    expect((await alice.receive(200)).headers.get('To')).toContain('carol-tag');
    const cancel = await bob.receive('CANCEL');
    expect(cancel.headers.get('Via')).toBe(toBob.headers.get('Via'));
    expect(cancel.headers.get('Reason')).toContain('completed elsewhere');
    bob.reply(cancel, 200, 'OK');
    bob.reply(toBob, 487, 'Request Terminated');
    await bob.receive('ACK');
    expect(await results).toMatchObject({ connected: true, finalStatus: 200 });
    expect(alice.inbox.filter((message) => message.kind === 'response' && message.status >= 300)).toEqual([]);
  });

  it('cancels the others when one declines for all of them (§16.7, step 5)', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob), hostOf(carol)], { forking: 'simultaneous' });
    const aliceCall = call();
    const [toBob, toCarol] = await Promise.all([bob.receive('INVITE'), carol.receive('INVITE')]);
    carol.reply(toCarol, 180, 'Ringing');
    await alice.receive(180);
    bob.reply(toBob, 603, 'Decline');
    carol.reply(await carol.receive('CANCEL'), 200, 'OK');
    carol.reply(toCarol, 487, 'Request Terminated');
    aliceCall.ackFailure(await alice.receive(603));
  });

  it('is cancelled by its caller everywhere, with the reason (§16.10)', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)]);
    const aliceCall = call();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    await alice.receive(180);
    aliceCall.cancel({ Reason: 'SIP;cause=487;text="gone"' });
    await alice.receive(200);
    const cancel = await bob.receive('CANCEL');
    expect(cancel.headers.get('Reason')).toContain('gone');
    bob.reply(cancel, 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    aliceCall.ackFailure(await alice.receive(487));
    expect((await results).finalStatus).toBe(487);
    expect(carol.inbox).toEqual([]);
  });

  it('is not sent anywhere else when cancelled before anybody has answered', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)]);
    const aliceCall = call();
    const invite = await bob.receive('INVITE');
    aliceCall.cancel();
    aliceCall.ackFailure(await alice.receive(487));
    expect((await results).finalStatus).toBe(487);
    bob.reply(invite, 180, 'Ringing');
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await bob.receive('ACK');
    expect(carol.inbox).toEqual([]);
  });

  it('passes a destination that says nothing in time', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)], { provisionalTimeout: '100ms' });
    call();
    await bob.receive('INVITE');
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await alice.receive(200);
    expect(statuses(await results)).toEqual([408, 200]);
  });

  it('cancels a destination that rings too long, and goes on', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)], { provisionalTimeout: '5s', finalTimeout: '150ms' });
    call();
    const toBob = await bob.receive('INVITE');
    bob.reply(toBob, 180, 'Ringing');
    bob.reply(await bob.receive('CANCEL'), 200, 'OK');
    bob.reply(toBob, 487, 'Request Terminated');
    carol.reply(await carol.receive('INVITE'), 200, 'OK', { body: carol.sdp });
    await alice.receive(200);
    expect((await results).finalStatus).toBe(200);
  });

  it('follows a redirect when asked to, best contact first', async () => {
    const { alice, bob } = rig;
    const dave = await rig.anotherPhone('dave');
    const results = proxyNext([hostOf(bob)], { followRedirects: true });
    call();
    const contact = `<${dave.uri}>;q=0.5, <${carol.uri}>;q=0.9`;
    bob.reply(await bob.receive('INVITE'), 302, 'Moved', { contact });
    const second = await carol.receive('INVITE');
    expect(second.uri).toBe(carol.uri);
    carol.reply(second, 404, 'Not Found');
    dave.reply(await dave.receive('INVITE'), 200, 'OK', { body: dave.sdp });
    await alice.receive(200);
    expect(statuses(await results)).toEqual([302, 404, 200]);
  });

  it('hands a redirect to the caller unless asked to follow', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob), hostOf(carol)]);
    const aliceCall = call();
    bob.reply(await bob.receive('INVITE'), 302, 'Moved', { contact: '<sip:else@192.0.2.77>' });
    carol.reply(await carol.receive('INVITE'), 404, 'Not Found');
    const moved = await alice.receive(302);
    expect(moved.headers.get('Contact')).toBe('<sip:else@192.0.2.77>');
    aliceCall.ackFailure(moved);
    expect((await results).finalStatus).toBe(302);
  });

  it('remains in the dialog when asked to: ACK, re-INVITE, INFO and BYE come through us both ways (§16.4)', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob)], { remainInDialog: true });
    const aliceCall = call();
    const invite = await bob.receive('INVITE');
    const recorded = invite.headers.getAll('Record-Route');
    expect(recorded).toEqual([
      expect.stringMatching(new RegExp(`^<sip:[0-9a-f]{32}@127\\.0\\.0\\.1:${rig.port};lr>$`)),
    ]);
    const route = { Route: recorded[0]! };
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    expect(ok.headers.get('Record-Route')).toBe(recorded[0]);
    aliceCall.learn(ok);
    expect(aliceCall.target).toBe(bob.uri);
    aliceCall.ack(ok, '', route);
    const ack = await bob.receive('ACK');
    expect(ack.uri).toBe(bob.uri);
    expect(ack.headers.has('Route')).toBe(false);
    expect(ack.headers.getAll('Via')).toHaveLength(2);

    aliceCall.request('INVITE', { ...route, Contact: `<${alice.uri}>` });
    bob.reply(await bob.receive('INVITE'), 200, 'OK', { body: bob.sdp });
    aliceCall.ack(await alice.receive(200), '', route);
    await bob.receive('ACK');

    const bobCall = Call.answered(bob, invite, answer);
    bobCall.request('INFO', route);
    const info = await alice.receive('INFO');
    expect(info.headers.get('Max-Forwards')).toBe('69');
    expect(info.headers.has('Route')).toBe(false);
    alice.reply(info, 200, 'OK');
    await bob.receive(200);

    aliceCall.request('BYE', route);
    bob.reply(await bob.receive('BYE'), 200, 'OK');
    await alice.receive(200);
    expect(rig.engine.stats()).toMatchObject({ dialogs: 0, incoming: 0, outgoing: 0, proxied: 0 });
  });

  it('cannot be used as an open relay: a Route with a token of another dialog, or none, leads nowhere', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob)], { remainInDialog: true });
    call();
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    for (const route of [
      ok.headers.get('Record-Route')!,
      `<sip:127.0.0.1:${rig.port};lr>`,
      `<sip:${'0'.repeat(32)}@127.0.0.1:${rig.port};lr>`,
    ]) {
      const stranger = alice.newCall(rig.port);
      stranger.to = `<${carol.uri}>;tag=x`;
      stranger.target = carol.uri;
      stranger.request('BYE', { Route: route });
      await alice.receive(481);
      stranger.invite = stranger.request('INVITE', { Route: route, Contact: `<${alice.uri}>` });
      stranger.ackFailure(await alice.receive(481));
    }
    expect(carol.inbox).toEqual([]);
  });

  it('is refused 483 when its hops are used up, and the application hears of it (§16.3)', async () => {
    const { alice, bob } = rig;
    const results = proxyNext([hostOf(bob)]);
    const aliceCall = call({ 'Max-Forwards': '0' });
    aliceCall.ackFailure(await alice.receive(483));
    expect((await results).finalStatus).toBe(483);
    expect(bob.inbox).toEqual([]);
  });

  it('proxied to ourselves ends in 482, not in a storm', async () => {
    const { alice } = rig;
    const results = proxyNext([`127.0.0.1:${rig.port}`]);
    const aliceCall = call();
    aliceCall.ackFailure(await alice.receive(482));
    expect((await results).finalStatus).toBe(482);
  });

  it('proxied to a name that does not exist ends in 500; the application hears 503', async () => {
    const { alice } = rig;
    const results = proxyNext(['no-such-host.invalid']);
    const aliceCall = call();
    aliceCall.ackFailure(await alice.receive(500));
    expect((await results).finalStatus).toBe(503);
  });

  it('has its challenges of all branches handed up together (§16.7, step 7)', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob), hostOf(carol)], { forking: 'simultaneous' });
    const aliceCall = call();
    const challenge = (realm: string) => `Digest realm="${realm}", nonce="1"`;
    bob.reply(await bob.receive('INVITE'), 407, 'No', { headers: { 'Proxy-Authenticate': challenge('bob') } });
    carol.reply(await carol.receive('INVITE'), 401, 'No', { headers: { 'WWW-Authenticate': challenge('carol') } });
    const told: SipResponse = await alice.receive(407);
    expect(told.headers.get('Proxy-Authenticate')).toContain('bob');
    expect(told.headers.get('WWW-Authenticate')).toContain('carol');
    aliceCall.ackFailure(told);
  });

  it('goes on when its application leaves', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob)]).catch(() => {});
    call();
    const invite = await bob.receive('INVITE');
    rig.srf.disconnect();
    await eventually(() => rig.engine.stats().applications === 0);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await alice.receive(200);
  });

  it("is no longer the application's to answer, nor a second time to proxy", async () => {
    const { alice, bob } = rig;
    const outcomes = new Promise<unknown[]>((resolve) => {
      rig.srf.invite((req, res) => {
        const again = () => rig.srf.proxyRequest(req, [hostOf(carol)]) as unknown as Promise<unknown>;
        void (rig.srf.proxyRequest(req, [hostOf(bob)]) as unknown as Promise<unknown>).catch(() => {});
        const second = again().then(
          () => 'proxied',
          (reason: string) => reason,
        );
        const answered = new Promise((done) => res.send(486, 'Busy Here', {}, done));
        void Promise.all([second, answered]).then(resolve);
      });
    });
    call();
    const [second, answered] = await outcomes;
    expect(String(second)).toContain('unable to find transaction');
    expect(String(answered)).toContain('unable to find transaction');
    bob.reply(await bob.receive('INVITE'), 200, 'OK', { body: bob.sdp });
    await alice.receive(200);
    expect(carol.inbox).toEqual([]);
  });

  it('has an ACK that needs no proxy go straight to the callee', async () => {
    const { alice, bob } = rig;
    void proxyNext([hostOf(bob)]);
    const aliceCall = call();
    bob.reply(await bob.receive('INVITE'), 200, 'OK', { body: bob.sdp });
    const ok = await alice.receive(200);
    aliceCall.learn(ok);
    alice.send(aliceCall.ack(ok), bob.port);
    expect((await bob.receive('ACK')).headers.getAll('Via')).toHaveLength(1);
  });
});
