import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import type { DialogOptions } from '../../../sip/engine/dialog/core.ts';
import type { SipRequest } from '../../../sip/engine/message/message.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const SDP = 'v=0\r\ns=ours\r\n';
const ALLOW = 'INVITE, ACK, BYE, CANCEL, UPDATE';

type Parts = Record<string, string>;

/** A caller that asked for a timer, answered and acknowledged. */
function calledRig(invite: Parts, answer: Parts = {}, options: Partial<DialogOptions> = {}) {
  const rig = new DialogRig(options);
  rig.receive(request('INVITE', { headers: invite }));
  const { dialogId } = rig.respond(200, answer, SDP);
  const ok = rig.transport.lastResponse();
  const localTag = rig.localTag();
  rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
  rig.settle();
  const peer = (method: string, cseq: number, headers: Parts = {}) =>
    rig.receive(request(method, { toTag: localTag, cseq, headers, branch: `z9hG4bK${method}${cseq}` }));
  return { rig, dialogId, ok, peer };
}

/** A call of ours, answered with these headers and acknowledged. */
function callingRig(answer: Parts, invite: Parts = {}) {
  const rig = new DialogRig();
  const call = rig.call({ headers: invite, body: SDP });
  call.answer(200, answer);
  void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
  rig.settle();
  return { rig, call };
}

const inDialog = (rig: DialogRig, dialogId: string, method: string, headers = {}, body = '') =>
  rig.agent.requestInDialog(dialogId, draft(method, 'sip:placeholder', headers, body)) as Sent;

function accept(rig: DialogRig, refresh: SipRequest, headers: Parts = {}, status = 200): void {
  const answer = response(refresh, status, 'bob');
  for (const [name, value] of Object.entries(headers)) answer.headers.append(name, value);
  rig.receive(answer);
}

const weRefresh = { Supported: 'timer', 'Session-Expires': '120;refresher=uas' };
const theyRefresh = { Supported: 'timer', 'Session-Expires': '120;refresher=uac' };
const expired = (rig: DialogRig) => rig.application.lastOwn?.bytes.toString().includes('Session timer expired');

describe('the 2xx of the application to a caller with a session timer (RFC 4028 §9)', () => {
  it.each([
    ['as asked, the caller refreshing', theyRefresh, '120;refresher=uac', 'timer'],
    ['as asked, the engine refreshing', weRefresh, '120;refresher=uas', undefined],
    [
      'and leaves refreshing to who knows how',
      { Supported: 'timer', 'Session-Expires': '120' },
      '120;refresher=uac',
      'timer',
    ],
    ['raised to 90 s', { Supported: 'timer', 'Session-Expires': '30;refresher=uac' }, '90;refresher=uac', 'timer'],
    ['raised to Min-SE', { ...theyRefresh, 'Min-SE': '300' }, '300;refresher=uac', 'timer'],
    ['read from the compact form', { k: 'timer', x: '1800 ; refresher=UAC' }, '1800;refresher=uac', 'timer'],
  ])('carries Session-Expires %s', (_, invite, sessionExpires, required) => {
    const { ok } = calledRig(invite as Parts);
    expect(ok.headers.get('Session-Expires')).toBe(sessionExpires);
    expect(ok.headers.get('Require')).toBe(required);
  });

  it('carries none when nobody asked, and no timer runs', () => {
    const { rig, ok } = calledRig({ Supported: 'timer' });
    expect(ok.headers.has('Session-Expires')).toBe(false);
    rig.clock.advance(64_000);
    expect(rig.agent.transactions.wheel.size).toBe(0);
  });

  it('keeps what the application says itself', () => {
    const { ok, rig } = calledRig(theyRefresh, { 'session-expires': '600;refresher=uas' });
    expect(ok.headers.getAll('Session-Expires')).toEqual(['600;refresher=uas']);
    expect(rig.watch(300_000).at(-1)).toBe('INVITE@300000');
  });

  it('does not leave the refreshing to a caller who cannot, whatever the application copied', () => {
    const { ok } = calledRig({}, { 'Session-Expires': '600;refresher=uac' });
    expect(ok.headers.get('Session-Expires')).toBe('600;refresher=uas');
    expect(ok.headers.has('Require')).toBe(false);
  });

  it('takes the shortest interval from the options', () => {
    const { ok } = calledRig({ Supported: 'timer', 'Session-Expires': '5' }, {}, { minSessionSeconds: 4 });
    expect(ok.headers.get('Session-Expires')).toBe('5;refresher=uac');
  });
});

describe('a session the engine refreshes (RFC 4028 §7.4, §10)', () => {
  it('is refreshed at half the interval by a re-INVITE with the session as it is, unseen by the application', () => {
    const { rig } = calledRig(weRefresh);
    expect(rig.watch(60_000)).toEqual(['INVITE@60000']);
    rig.clock.advance(500);
    const reinvite = rig.transport.lastRequest();
    expect(reinvite.body.toString()).toBe(SDP);
    expect(reinvite.headers.get('Content-Type')).toBe('application/sdp');
    expect(reinvite.headers.get('Session-Expires')).toBe('120;refresher=uac');
    expect(reinvite.headers.get('Min-SE')).toBe('90');
    expect(reinvite.headers.get('Supported')).toBe('timer');
    expect(reinvite.headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    rig.transport.take();
    accept(rig, reinvite, { 'Session-Expires': '120;refresher=uac' });
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual([]);
    expect(rig.watch(60_000)).toEqual(['INVITE@60000']);
  });

  it('is refreshed by UPDATE when the peer takes it, without touching the session', () => {
    const { rig } = calledRig({ ...weRefresh, Allow: ALLOW });
    rig.clock.advance(60_000);
    const update = rig.transport.lastRequest();
    expect(update.method).toBe('UPDATE');
    expect(update.body.length).toBe(0);
    expect(update.headers.get('Session-Expires')).toBe('120;refresher=uac');
    accept(rig, update, { 'Session-Expires': '120;refresher=uac' });
    rig.transport.take();
    expect(rig.watch(60_000)).toEqual(['UPDATE@60000']);
    expect(rig.application.take()).toEqual([]);
  });

  it.each([
    ['named us', '120;refresher=uac'],
    ['named nobody', '120'],
  ])('is one where the called side %s in its 2xx (§7.2)', (_, sessionExpires) => {
    const { rig, call } = callingRig({ 'Session-Expires': sessionExpires });
    expect(rig.watch(60_000)).toEqual(['INVITE@60000']);
    expect(call.invite.body.toString()).toBe(SDP);
  });

  it('sends again the session description the application sent last', () => {
    const { rig, dialogId, peer } = calledRig(weRefresh);
    inDialog(rig, dialogId, 'INVITE', {}, 'v=0\r\ns=second\r\n');
    accept(rig, rig.transport.lastRequest(), { 'Session-Expires': '120;refresher=uac' });
    void rig.agent.requestInDialog(dialogId, draft('ACK'));
    rig.settle();
    rig.clock.advance(60_000);
    expect(rig.transport.lastRequest().body.toString()).toContain('second');
    accept(rig, rig.transport.lastRequest(), { 'Session-Expires': '120;refresher=uac' });
    peer('UPDATE', 3, { 'Session-Expires': '120;refresher=uas', Supported: 'timer' });
    rig.respond(200, {}, 'v=0\r\ns=third\r\n');
    rig.settle();
    rig.clock.advance(60_000);
    expect(rig.transport.lastRequest().body.toString()).toContain('third');
  });

  it('after a delayed offer sends the description of the ACK', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200, { 'Session-Expires': '120;refresher=uac' });
    inDialog(rig, call.dialogId, 'ACK', {}, SDP);
    rig.settle();
    rig.clock.advance(60_000);
    expect(rig.transport.lastRequest().method).toBe('INVITE');
    expect(rig.transport.lastRequest().body.toString()).toBe(SDP);
  });

  it.each([408, 481])('ends with BYE at a %i, and the application hears why', (status) => {
    const { rig, dialogId } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    accept(rig, rig.transport.lastRequest(), {}, status);
    expect(rig.transport.lastRequest().method).toBe('BYE');
    expect(rig.transport.lastRequest().headers.get('Reason')).toBe('SIP;cause=200;text="Session timer expired"');
    return Promise.resolve().then(() => {
      expect(rig.application.take()).toEqual(['own BYE']);
      expect(rig.application.lastOwn?.dialogId).toBe(dialogId);
      expect(rig.agent.dialogs.size).toBe(0);
    });
  });

  it('ends with BYE when the refresh is never answered, before the peer gives up', async () => {
    const { rig } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    // 88 s: 120 s less 32 s.
    expect(rig.watch(28_000).at(-1)).toBe('BYE@28000');
    await Promise.resolve();
    expect(expired(rig)).toBe(true);
    rig.clock.advance(200_000);
    expect(rig.tables).toBe(0);
    expect(rig.agent.transactions.wheel.size).toBe(0);
  });

  it('tries again after a 491, later when we chose the Call-ID (RFC 3261 §14.1)', () => {
    const called = calledRig(weRefresh);
    called.rig.clock.advance(60_000);
    accept(called.rig, called.rig.transport.lastRequest(), {}, 491);
    called.rig.transport.take();
    called.rig.clock.advance(2_010);
    expect(called.rig.transport.take()[0]).toBe('INVITE');

    const calling = callingRig({ 'Session-Expires': '120' });
    calling.rig.clock.advance(60_000);
    accept(calling.rig, calling.rig.transport.lastRequest(), {}, 491);
    calling.rig.transport.take();
    calling.rig.clock.advance(2_090);
    expect(calling.rig.transport.take()).toEqual([]);
    calling.rig.clock.advance(1_920);
    expect(calling.rig.transport.take()[0]).toBe('INVITE');
  });

  it('takes the Min-SE of a 422 and asks again at once (§7.4)', () => {
    const { rig } = calledRig({ ...weRefresh, Allow: ALLOW });
    rig.clock.advance(60_000);
    accept(rig, rig.transport.lastRequest(), { 'Min-SE': '300' }, 422);
    rig.clock.advance(10);
    const second = rig.transport.lastRequest();
    expect(second.headers.get('Session-Expires')).toBe('300;refresher=uac');
    expect(second.headers.get('Min-SE')).toBe('300');
    accept(rig, second, { 'Session-Expires': '300;refresher=uac' });
    expect(rig.watch(150_000)).toEqual(['UPDATE@150000']);
  });

  it('falls back to a re-INVITE where UPDATE is not taken after all', () => {
    const { rig } = calledRig({ ...weRefresh, Allow: ALLOW });
    rig.clock.advance(60_000);
    accept(rig, rig.transport.lastRequest(), {}, 405);
    rig.clock.advance(10);
    expect(rig.transport.lastRequest().method).toBe('INVITE');
    expect(rig.transport.lastRequest().body.toString()).toBe(SDP);
  });

  it('leaves other refusals to the deadline', () => {
    const { rig } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    accept(rig, rig.transport.lastRequest(), {}, 488);
    expect(rig.watch(28_000)).toEqual(['BYE@28000']);
  });

  it('waits while an INVITE of the application or the peer is open', () => {
    const { rig, dialogId, peer } = calledRig(weRefresh);
    peer('INVITE', 2);
    rig.settle();
    rig.clock.advance(61_000);
    expect(rig.transport.take()).toEqual([]);
    rig.respond(488);
    rig.receive(request('ACK', { toTag: 'x', branch: 'z9hG4bKINVITE2' }));
    rig.settle();
    rig.clock.advance(2_010);
    expect(rig.transport.take()[0]).toBe('INVITE');
    expect(rig.agent.dialogs.get(dialogId)).toBeDefined();
  });

  it('lets the INVITE of the application wait for its own', async () => {
    const { rig, dialogId } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    const refresh = rig.transport.lastRequest();
    rig.transport.take();
    const reinvite = rig.agent.requestInDialog(dialogId, draft('INVITE', 'sip:placeholder', {}, SDP));
    expect(rig.transport.take()).toEqual([]);
    accept(rig, refresh, { 'Session-Expires': '120;refresher=uac' });
    expect((await reinvite).dialogId).toBe(dialogId);
    expect(rig.transport.take()).toEqual(['ACK', 'INVITE']);
  });

  it.each([491, 408, 422, 405])('is over for good when our BYE crosses the %i to a refresh', (status) => {
    const { rig, dialogId } = calledRig({ ...weRefresh, Allow: ALLOW });
    rig.clock.advance(60_000);
    const refresh = rig.transport.lastRequest();
    inDialog(rig, dialogId, 'BYE');
    rig.settle();
    accept(rig, refresh, { 'Min-SE': '300' }, status);
    expect(rig.transport.take()).toEqual([]);
    expect(rig.watch(20_000).every((each) => each.startsWith('BYE'))).toBe(true);
    expect(rig.application.take()).toEqual([]);
  });

  it('takes an interval the called side may not ask for as the shortest there is', () => {
    const { rig } = callingRig({ 'Session-Expires': '0' });
    expect(rig.watch(45_000)).toEqual(['INVITE@45000']);
  });

  it('is not asked again when a 422 names no longer interval', () => {
    const { rig } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    accept(rig, rig.transport.lastRequest(), { 'Min-SE': '90' }, 422);
    expect(rig.watch(28_000)).toEqual(['BYE@28000']);
  });

  it('stops with the dialog, whoever ends it', () => {
    const byUs = calledRig(weRefresh);
    inDialog(byUs.rig, byUs.dialogId, 'BYE');
    byUs.rig.transport.take();
    expect(byUs.rig.watch(120_000).filter((each) => !each.startsWith('BYE'))).toEqual([]);
    const byPeer = calledRig(weRefresh);
    byPeer.peer('BYE', 2);
    byPeer.rig.respond(200);
    expect(byPeer.rig.watch(120_000)).toEqual([]);
    expect(byPeer.rig.agent.transactions.wheel.size).toBe(0);
  });

  it('tells nobody of the refresh that a BYE of the peer overtakes', () => {
    const { rig, peer } = calledRig(weRefresh);
    rig.clock.advance(60_000);
    peer('BYE', 2);
    expect(rig.application.take()).toEqual(['BYE']);
  });
});

describe('a session the peer refreshes (RFC 4028 §10)', () => {
  it.each([
    [120, 88_000],
    [90, 60_000],
    [1800, 1_768_000],
  ])('of %i s ends with BYE at %i ms without a refresh, and the application hears why', async (seconds, at) => {
    const { rig } = calledRig({ Supported: 'timer', 'Session-Expires': `${seconds};refresher=uac` });
    rig.clock.advance(at - 10);
    expect(rig.transport.take()).toEqual([]);
    rig.clock.advance(10);
    expect(rig.transport.take()).toEqual(['BYE']);
    await Promise.resolve();
    expect(expired(rig)).toBe(true);
  });

  it('is one where the called side named itself in its 2xx (§7.2)', () => {
    const { rig } = callingRig({ 'Session-Expires': '120;refresher=uas' });
    expect(rig.watch(88_000)).toEqual(['BYE@88000']);
  });

  for (const method of ['INVITE', 'UPDATE']) {
    it(`goes on with each ${method}, whose 2xx says so again`, () => {
      const { rig, peer } = calledRig(theyRefresh);
      rig.clock.advance(60_000);
      peer(method, 2, theyRefresh);
      rig.respond(200, {}, SDP);
      expect(rig.transport.lastResponse().headers.get('Session-Expires')).toBe('120;refresher=uac');
      expect(rig.transport.lastResponse().headers.get('Require')).toBe('timer');
      const branch = 'z9hG4bKack2';
      rig.receive(request('ACK', { toTag: rig.localTag(), cseq: 2, branch }));
      rig.settle();
      expect(rig.watch(88_000)).toEqual(['BYE@88000']);
    });
  }

  it('has no timer any more when a refresh says nothing of it (§7.4)', () => {
    const { rig, peer } = calledRig(theyRefresh);
    peer('UPDATE', 2);
    rig.respond(200);
    rig.transport.take();
    expect(rig.watch(120_000)).toEqual([]);
  });

  it('keeps its timer when the refresh is refused', () => {
    const { rig, peer } = calledRig(theyRefresh);
    rig.clock.advance(60_000);
    peer('UPDATE', 2, theyRefresh);
    rig.respond(488);
    expect(rig.watch(28_000)).toEqual(['BYE@28000']);
  });

  it('keeps its timer across an INVITE of the application, in the same roles (§7.4)', () => {
    const { rig, dialogId } = calledRig(theyRefresh);
    inDialog(rig, dialogId, 'INVITE', {}, SDP);
    expect(rig.transport.lastRequest().headers.get('Session-Expires')).toBe('120;refresher=uas');
    inDialog(rig, dialogId, 'INFO');
    expect(rig.transport.lastRequest().headers.has('Session-Expires')).toBe(false);
  });

  for (const method of ['INVITE', 'UPDATE']) {
    it(`is not refreshed more often than every 90 s: ${method} gets 422, unseen by the application (§6)`, () => {
      const { rig, peer } = calledRig(theyRefresh);
      peer(method, 2, { Supported: 'timer', 'Session-Expires': '60' });
      expect(rig.transport.lastResponse().status).toBe(422);
      expect(rig.transport.lastResponse().headers.get('Min-SE')).toBe('90');
      expect(rig.application.take()).toEqual([]);
    });
  }
});
