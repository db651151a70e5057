import { describe, expect, it } from 'vitest';
import { DialogRig, draft, type OutgoingCall } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const seconds = (n: number): number => n * 1_000;

/** A call of the peer that asks for a timer, answered and acknowledged. */
function answered(headers: Record<string, string>, answerHeaders: Record<string, string> = {}): DialogRig {
  const rig = new DialogRig();
  rig.receive(request('INVITE', { headers }));
  rig.respond(200, answerHeaders, 'v=0\r\no=us\r\n');
  const toTag = rig.localTag();
  rig.receive(request('ACK', { toTag, branch: 'z9hG4bKack' }));
  rig.application.take();
  return rig;
}

/** A call of ours the peer answered with these headers, acknowledged. */
function called(headers: Record<string, string>): { rig: DialogRig; call: OutgoingCall } {
  const rig = new DialogRig();
  const call = rig.call({ body: 'v=0\r\no=us\r\n' });
  call.answer(200, headers);
  void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
  rig.settle();
  return { rig, call };
}

const answerOf = (rig: DialogRig) =>
  rig.transport.sent.map(({ message }) => message).find((m) => m.kind === 'response' && m.status === 200)!;

describe('the session interval we agree to (RFC 4028 §9)', () => {
  it.each([
    [
      'with the peer as refresher',
      { 'Session-Expires': '1800;refresher=uac', Supported: 'timer' },
      {},
      '1800;refresher=uac',
      'timer',
    ],
    [
      'with us as refresher',
      { 'Session-Expires': '600 ; refresher=UAS', Supported: 'timer' },
      {},
      '600;refresher=uas',
      undefined,
    ],
    [
      'open, to a peer that knows how',
      { 'Session-Expires': '600', Supported: 'timer' },
      {},
      '600;refresher=uac',
      'timer',
    ],
    ['open, to a peer that does not', { 'Session-Expires': '600' }, {}, undefined, undefined],
    ['too short', { 'Session-Expires': '30;refresher=uac', Supported: 'timer' }, {}, '90;refresher=uac', 'timer'],
    [
      'of the application',
      { Supported: 'timer' },
      { 'Session-Expires': '300;refresher=uas' },
      '300;refresher=uas',
      undefined,
    ],
    ['that nobody asked for', { Supported: 'timer' }, {}, undefined, undefined],
  ])('asked %s', (_, asked, given, expected, required) => {
    const rig = answered(asked, given);
    const { headers } = answerOf(rig);
    expect(headers.get('Session-Expires')).toBe(expected);
    expect(headers.get('Require')).toBe(required);
  });

  it('is refused 422 with Min-SE in a re-INVITE or UPDATE below 90 s, which the application does not see', () => {
    const rig = answered({});
    const toTag = rig.localTag();
    rig.settle();
    for (const [method, cseq] of [
      ['INVITE', 2],
      ['UPDATE', 3],
    ] as const) {
      rig.receive(request(method, { toTag, cseq, branch: `z9hG4bK${method}`, headers: { 'Session-Expires': '60' } }));
      expect(rig.transport.lastResponse().status).toBe(422);
      expect(rig.transport.lastResponse().headers.get('Min-SE')).toBe('90');
    }
    expect(rig.application.take()).toEqual([]);
  });
});

describe('a session the peer refreshes (RFC 4028 §10)', () => {
  it('ends by our BYE shortly before its time when it does not, and the application is told why', async () => {
    const rig = answered({ 'Session-Expires': '90;refresher=uac', Supported: 'timer' });
    rig.clock.advance(seconds(60) - 100);
    expect(rig.application.take()).toEqual([]);
    rig.clock.advance(200);
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.application.lastOwn?.bytes.toString()).toMatch(/Reason: SIP;cause=200;text="Session timer expired"/);
    rig.clock.advance(seconds(64));
    expect(rig.tables).toBe(0);
  });

  it('goes on with each re-INVITE and UPDATE, whose 2xx agrees again', () => {
    const rig = answered({ 'Session-Expires': '90;refresher=uac', Supported: 'timer' });
    const toTag = rig.localTag();
    const headers = { 'Session-Expires': '90;refresher=uac', Supported: 'timer' };
    for (const [method, cseq] of [
      ['INVITE', 2],
      ['UPDATE', 3],
      ['INVITE', 4],
    ] as const) {
      rig.clock.advance(seconds(50));
      rig.receive(request(method, { toTag, cseq, branch: `z9hG4bK${method}${cseq}`, headers }));
      rig.respond(200);
      expect(rig.transport.lastResponse().headers.get('Session-Expires')).toBe('90;refresher=uac');
      if (method === 'INVITE') rig.receive(request('ACK', { toTag, cseq, branch: `z9hG4bKack${cseq}` }));
    }
    rig.application.take();
    rig.clock.advance(seconds(50));
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('has no timer any more once the peer leaves it out', () => {
    const rig = answered({ 'Session-Expires': '90;refresher=uac', Supported: 'timer' });
    const toTag = rig.localTag();
    rig.receive(request('UPDATE', { toTag, cseq: 2, branch: 'z9hG4bKu' }));
    rig.respond(200);
    expect(rig.transport.lastResponse().headers.has('Session-Expires')).toBe(false);
    rig.clock.advance(seconds(600));
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('costs no timer without an agreement', () => {
    const rig = answered({});
    rig.clock.advance(seconds(64));
    expect(rig.agent.transactions.wheel.size).toBe(0);
  });
});

describe('a session we refresh (RFC 4028 §7)', () => {
  const expires = { 'Session-Expires': '100;refresher=uac', Allow: 'INVITE, UPDATE' };

  it('by UPDATE half-way when the peer allows it, without the application knowing; the 2xx starts the time anew', () => {
    const { rig } = called(expires);
    rig.clock.advance(seconds(50) + 10);
    const update = rig.transport.lastRequest();
    expect(update.method).toBe('UPDATE');
    expect(update.body.length).toBe(0);
    expect(update.headers.get('Session-Expires')).toBe('100;refresher=uac');
    expect(update.headers.get('Supported')).toBe('timer');
    const ok = rig.reply(update, 200);
    ok.headers.append('Session-Expires', '100;refresher=uac');
    rig.receive(ok);
    rig.transport.take();
    rig.clock.advance(seconds(49));
    expect(rig.transport.take()).toEqual([]);
    rig.clock.advance(seconds(2));
    expect(rig.transport.take()).toContain('UPDATE');
    expect(rig.application.take()).toEqual([]);
  });

  it('by re-INVITE with the last offer when it does not, acknowledged by the engine, again for each 2xx', () => {
    const { rig } = called({ 'Session-Expires': '100' });
    rig.clock.advance(seconds(50) + 10);
    const invite = rig.transport.lastRequest();
    expect(invite.method).toBe('INVITE');
    expect(invite.body.toString()).toBe('v=0\r\no=us\r\n');
    expect(invite.headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    const ok = rig.reply(invite, 200);
    ok.headers.append('Session-Expires', '100;refresher=uac');
    rig.transport.take();
    rig.receive(ok);
    rig.receive(ok);
    expect(rig.transport.take()).toEqual(['ACK', 'ACK']);
    expect(rig.application.take()).toEqual([]);
    rig.clock.advance(seconds(49));
    expect(rig.transport.take()).toEqual([]);
  });

  it('as callee, when the peer left it to us', () => {
    const rig = answered({ 'Session-Expires': '100;refresher=uas', Supported: 'timer' });
    rig.clock.advance(seconds(50) + 10);
    const invite = rig.transport.lastRequest();
    expect(invite.method).toBe('INVITE');
    expect(invite.body.toString()).toBe('v=0\r\no=us\r\n');
    expect(invite.headers.get('Session-Expires')).toBe('100;refresher=uac');
  });

  it.each([[408], [481]])('ends when a refresh is answered %s', async (status) => {
    const { rig } = called(expires);
    rig.clock.advance(seconds(50) + 10);
    rig.receive(rig.reply(rig.transport.lastRequest(), status));
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
  });

  it('ends when a refresh is not answered at all', async () => {
    const { rig } = called({ ...expires, 'Session-Expires': '1800;refresher=uac' });
    rig.clock.advance(seconds(900 + 33));
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
  });

  it('tries again after 491 and after other failures, and ends when its time is over all the same', async () => {
    const { rig } = called({ ...expires, 'Session-Expires': '300;refresher=uac' });
    rig.clock.advance(seconds(150) + 10);
    rig.receive(rig.reply(rig.transport.lastRequest(), 491));
    rig.transport.take();
    rig.clock.advance(seconds(4.1));
    expect(rig.transport.take()).toContain('UPDATE');
    rig.clock.advance(0);
    const again = rig.agent.transactions.size.clients;
    expect(again).toBeGreaterThan(0);
    rig.clock.advance(seconds(33));
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
  });

  it('asks for more when told that the interval is too small (422, §7.3)', () => {
    const { rig } = called(expires);
    rig.clock.advance(seconds(50) + 10);
    const tooSmall = rig.reply(rig.transport.lastRequest(), 422);
    tooSmall.headers.append('Min-SE', '400');
    rig.receive(tooSmall);
    expect(rig.transport.lastRequest().headers.get('Session-Expires')).toBe('400;refresher=uac');
  });

  it('waits while an INVITE is open in the dialog (RFC 3261 §14.1)', () => {
    const { rig, call } = called({ 'Session-Expires': '100' });
    rig.clock.advance(seconds(49));
    rig.receive(call.peerRequest('INVITE'));
    rig.transport.take();
    rig.clock.advance(seconds(1.5));
    expect(rig.transport.take()).toEqual([]);
    rig.respond(488);
    rig.clock.advance(seconds(4.1));
    expect(rig.transport.take()).toContain('INVITE');
  });

  it('goes on through a re-INVITE of the application, which says so (§7.4)', () => {
    const { rig, call } = called(expires);
    void rig.agent.requestInDialog(call.dialogId, draft('INVITE', 'sip:placeholder', {}, 'v=0\r\no=hold\r\n'));
    const { headers } = rig.transport.lastRequest();
    expect(headers.get('Session-Expires')).toBe('100;refresher=uac');
    expect(headers.get('Supported')).toBe('timer');
  });
});
