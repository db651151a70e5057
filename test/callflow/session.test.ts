import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Call, type Phone, sdpOf } from '../engine/support/phone.ts';
import { answers, givesUp, hangsUp, isAnswered, isCancelled, isHungUp, PhoneRig, rings } from '../support/phone-rig.ts';

let rig: PhoneRig;
let a: Phone;
let b: Phone;

beforeAll(async () => {
  rig = await PhoneRig.open({
    buyers: ['A', 'B'],
    buyerSettings: { B: { max_duration_seconds: 1 } },
    campaignSettings: { max_duration_seconds: 2 },
    settings: { SESSION_TIMER_SECONDS: '600' },
  });
  [a, b] = [rig.buyer('A'), rig.buyer('B')];
});
afterAll(() => rig?.[Symbol.asyncDispose]());

async function aIsBusy(): Promise<void> {
  a.reply(await a.receive('INVITE'), 486, 'Busy Here');
  await a.receive('ACK');
}

async function ends(call: Call, buyer: Phone): Promise<void> {
  const gone = isHungUp(buyer);
  await hangsUp(call);
  await gone;
  await rig.nothingLeft();
}

describe('the maximum duration', () => {
  it.each([
    ['of the campaign', 'A', 2],
    ['of the buyer, where that is shorter', 'B', 1],
  ])('%s ends the call from our side, both are told why', async (_, buyer, seconds) => {
    const call = rig.newCall();
    call.sendInvite();
    if (buyer === 'B') await aIsBusy();
    const phone = rig.buyer(buyer);
    answers(phone, await phone.receive('INVITE'));
    await isAnswered(call);
    await phone.receive('ACK');
    const byes = await Promise.all([isHungUp(rig.carrier), isHungUp(phone)]);
    for (const bye of byes) expect(bye.headers.get('Reason')).toContain('cause=102');
    const row = await rig.endedCall(call);
    expect(row).toMatchObject({ hung_up_by: 'system', outcome: 'completed', outcome_reason: 'max_duration' });
    const talkedMs = Date.parse(row['end_time']) - Date.parse(row['answer_time']);
    expect(talkedMs).toBeGreaterThanOrEqual(seconds * 1000 - 20);
    expect(talkedMs).toBeLessThan(seconds * 1000 + 800);
    await rig.nothingLeft();
  });
});

describe('the session timer (RFC 4028)', () => {
  it('is asked of the buyer, and of a caller who does not ask itself: then we refresh', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await a.receive('INVITE');
    expect(invite.headers.get('Session-Expires')).toBe('600');
    expect(invite.headers.get('Supported')).toBe('timer');
    answers(a, invite);
    expect((await isAnswered(call)).headers.get('Session-Expires')).toBe('600;refresher=uas');
    await a.receive('ACK');
    await ends(call, a);
  });

  it.each([
    ['300', '300;refresher=uac'],
    ['300;refresher=uas', '300;refresher=uas'],
    ['7200;refresher=uac', '600;refresher=uac'],
  ])('the caller asks for %s and gets %s', async (asked, given) => {
    const call = rig.newCall();
    call.sendInvite(undefined, { 'Session-Expires': asked, Supported: 'timer' });
    answers(a, await a.receive('INVITE'));
    const answer = await isAnswered(call);
    expect(answer.headers.get('Session-Expires')).toBe(given);
    expect(answer.headers.get('Require') ?? '').toBe(given.endsWith('uac') ? 'timer' : '');
    await a.receive('ACK');
    await ends(call, a);
  });
});

describe('a buyer who wants a longer session timer (422)', () => {
  it('gets it, at the same destination (RFC 4028 §7.3)', async () => {
    const call = rig.newCall();
    call.sendInvite();
    a.reply(await a.receive('INVITE'), 422, 'Session Interval Too Small', { headers: { 'Min-SE': '3600' } });
    await a.receive('ACK');
    const again = await a.receive('INVITE');
    expect(again.headers.get('Session-Expires')).toBe('3600');
    expect(again.headers.get('Min-SE')).toBe('3600');
    a.reply(again, 422, 'Session Interval Too Small', { headers: { 'Min-SE': '7200' } }); // asked once only
    await a.receive('ACK');
    const next = await b.receive('INVITE');
    expect(next.headers.get('Session-Expires')).toBe('600');
    answers(b, next);
    await isAnswered(call);
    await b.receive('ACK');
    await ends(call, b);
  });
});

describe('reliable provisional responses (RFC 3262)', () => {
  const reliably = (phone: Phone, rseq: number) => ({
    body: phone.sdp,
    headers: { Require: '100rel', RSeq: `${rseq}` },
  });

  it('are offered to the buyer and carried to the caller with their early media', async () => {
    const call = rig.newCall();
    call.sendInvite(undefined, { Supported: '100rel' });
    const invite = await a.receive('INVITE');
    expect(invite.headers.get('Supported')).toBe('timer, 100rel');
    a.reply(invite, 183, 'Session Progress', reliably(a, 11));
    const prack = await a.receive('PRACK');
    expect(prack.headers.get('RAck')).toMatch(/^11 /);
    a.reply(prack, 200, 'OK');
    const progress = await rig.carrier.receive(183);
    expect(progress.body.toString()).toBe(a.sdp);
    call.learn(progress);
    const [rseq, cseq] = [progress.headers.get('RSeq'), call.cseq];
    call.request('PRACK', { RAck: `${rseq} ${cseq} INVITE` });
    await rig.carrier.receive(200);
    a.reply(invite, 200, 'OK'); // the answer was in the 183
    const answer = await isAnswered(call);
    expect(answer.body.toString()).toBe(a.sdp);
    await a.receive('ACK');
    await ends(call, a);
  });

  it('let both sides change the session by UPDATE before the answer (RFC 3311)', async () => {
    const call = rig.newCall();
    call.sendInvite(undefined, { Supported: '100rel', Allow: 'UPDATE, PRACK' });
    const invite = await a.receive('INVITE');
    const early = a.reply(invite, 183, 'Session Progress', reliably(a, 31));
    a.reply(await a.receive('PRACK'), 200, 'OK');
    const progress = await rig.carrier.receive(183);
    call.learn(progress);
    call.request('PRACK', { RAck: `${progress.headers.get('RSeq')} ${call.cseq} INVITE` });
    await rig.carrier.receive(200);

    const type = { 'Content-Type': 'application/sdp' };
    const moved = sdpOf('moved').replace('40000', '42000');
    call.request('UPDATE', type, moved);
    const toBuyer = await a.receive('UPDATE');
    expect(toBuyer.body.toString()).toBe(moved);
    a.reply(toBuyer, 200, 'OK', { body: a.sdp });
    expect((await rig.carrier.receive(200)).body.toString()).toBe(a.sdp);

    const buyerCall = Call.answered(a, invite, early);
    buyerCall.request('UPDATE', { ...type, Contact: `<${a.uri}>` }, moved);
    const toCaller = await rig.carrier.receive('UPDATE');
    expect(toCaller.body.toString()).toBe(moved);
    rig.carrier.reply(toCaller, 488, 'Not Acceptable Here');
    await a.receive(488);

    a.reply(invite, 200, 'OK');
    await isAnswered(call);
    await a.receive('ACK');
    await ends(call, a);
  });

  it('are not offered with a delayed offer, nor to a buyer when the caller does not take them', async () => {
    for (const [body, headers] of [
      [null, { Supported: '100rel' }],
      [undefined, {}],
    ] as const) {
      const call = rig.newCall();
      call.sendInvite(body, headers);
      const invite = await a.receive('INVITE');
      expect(invite.headers.get('Supported')).toBe('timer');
      await givesUp(call);
      a.reply(invite, 100, 'Trying');
      await isCancelled(a, invite);
    }
    await rig.nothingLeft();
  });

  it('bound the caller to the first buyer’s answer: the next buyer’s comes as an offer after the ACK', async () => {
    const call = rig.newCall();
    call.sendInvite(undefined, { Supported: '100rel' });
    const invite = await a.receive('INVITE');
    a.reply(invite, 183, 'Session Progress', reliably(a, 21));
    a.reply(await a.receive('PRACK'), 200, 'OK');
    const progress = await rig.carrier.receive(183);
    call.learn(progress);
    call.request('PRACK', { RAck: `${progress.headers.get('RSeq')} ${call.cseq} INVITE` });
    await rig.carrier.receive(200);
    a.reply(invite, 486, 'Busy Here');
    await a.receive('ACK');
    answers(b, await b.receive('INVITE'));
    const answer = await isAnswered(call);
    expect(answer.body.toString()).toBe(a.sdp);
    await b.receive('ACK');
    const offer = await rig.carrier.receive('INVITE');
    expect(offer.body.toString()).toBe(b.sdp);
    rig.carrier.reply(offer, 200, 'OK', { body: sdpOf('carrier') });
    await rig.carrier.receive('ACK');
    await ends(call, b);
  });

  it('early media that is not reliable is passed on as it comes', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await a.receive('INVITE');
    a.reply(invite, 183, 'Session Progress', { body: a.sdp });
    const progress = await rig.carrier.receive(183);
    expect(progress.body.toString()).toBe(a.sdp);
    expect(progress.headers.has('RSeq')).toBe(false);
    answers(a, invite);
    await isAnswered(call);
    await a.receive('ACK');
    await ends(call, a);
  });
});

describe('requests inside the call', () => {
  it('that come before the ACK with the answer to a delayed offer harm nobody', async () => {
    const call = rig.newCall();
    call.sendInvite(null);
    answers(a, await rings(a));
    const answer = await rig.carrier.receive(200);
    call.learn(answer);
    for (const method of ['INFO', 'UPDATE', 'MESSAGE']) call.request(method);
    for (let answered = 0; answered < 3; answered += 1) await rig.carrier.receive(200);
    call.ack(answer, rig.carrier.sdp);
    expect((await a.receive('ACK')).body.toString()).toBe(rig.carrier.sdp);
    await ends(call, a);
  });

  it.each([
    ['MESSAGE', { 'Content-Type': 'text/plain' }, 'hello'],
    ['INFO', { 'Content-Type': 'application/dtmf-relay' }, 'Signal=3\r\n'],
    ['NOTIFY', { Event: 'telephone-event', 'Subscription-State': 'active', 'Content-Type': 'text/plain' }, 'x'],
    ['OPTIONS', {}, ''],
    ['UPDATE', { 'Content-Type': 'application/sdp' }, sdpOf('held').replace('sendrecv', 'sendonly')],
  ])('%s is carried across both ways, with its answer', async (method, headers, body) => {
    const call = rig.newCall();
    call.sendInvite();
    const buyerCall = answers(a, await rings(a));
    await isAnswered(call);
    await a.receive('ACK');
    for (const [from, to] of [
      [call, a],
      [buyerCall, rig.carrier],
    ] as const) {
      from.request(method, { ...headers, 'X-PH-RetreaverKey': 'evil' }, body);
      const request = await to.receive(method);
      expect(request.body.toString()).toBe(body);
      expect(request.headers.get('X-PH-RetreaverKey')).toBeUndefined();
      to.reply(request, method === 'UPDATE' ? 200 : 202, 'Fine', method === 'UPDATE' ? { body: to.sdp } : {});
      const answer = await from.phone.receive(method === 'UPDATE' ? 200 : 202);
      if (method === 'UPDATE') expect(answer.body.toString()).toBe(to.sdp);
    }
    await ends(call, a);
  });
});
