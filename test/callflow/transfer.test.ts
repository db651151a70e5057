import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SipRequest } from '../../sip/engine/message/message.ts';
import { type Call, type Phone, sdpOf } from '../engine/support/phone.ts';
import { answers, hangsUp, isAnswered, isCancelled, isHungUp, PhoneRig, rings } from '../support/phone-rig.ts';

let rig: PhoneRig;
let target: Phone;

beforeAll(async () => {
  rig = await PhoneRig.open({
    buyers: ['A', 'Target', 'Strict'],
    buyerSettings: { A: { transfers: { blind: true, attended: true, hosts: ['localhost'] } } },
    campaignSettings: { routes: [{ buyer: 'A' }, { buyer: 'Strict', priority: 2 }] },
  });
  target = rig.buyer('Target');
});
afterAll(() => rig?.[Symbol.asyncDispose]());

interface UpCall {
  readonly caller: Call;
  readonly buyer: Call;
  readonly uuid: string;
}

/** A call that A has answered. */
async function callUp(): Promise<UpCall> {
  const caller = rig.newCall();
  caller.sendInvite();
  const invite = await rings(rig.buyer('A'));
  const buyer = answers(rig.buyer('A'), invite);
  await isAnswered(caller);
  await rig.buyer('A').receive('ACK');
  return { caller, buyer, uuid: invite.headers.get('X-PH-RetreaverUUID') ?? '' };
}

const refer = (call: Call, referTo: string, headers: Record<string, string> = {}): SipRequest =>
  call.request('REFER', { 'Refer-To': referTo, Contact: `<${call.phone.uri}>`, ...headers });

/** The next NOTIFY about the transfer: the status it tells. */
async function progress(phone: Phone): Promise<{ status: number; state: string }> {
  const notify = await phone.receive('NOTIFY');
  phone.reply(notify, 200, 'OK');
  expect(notify.headers.get('Event')).toMatch(/^refer/);
  expect(notify.headers.get('Content-Type')).toContain('message/sipfrag');
  const status = Number(/^SIP\/2.0 (\d{3}) /.exec(notify.body.toString())?.[1]);
  return { status, state: notify.headers.get('Subscription-State')?.split(';')[0] ?? '' };
}

/** The caller gets the target's session and takes it. */
async function callerMovesOn(caller: Call, sdp: string): Promise<void> {
  const reinvite = await caller.phone.receive('INVITE');
  expect(reinvite.body.toString()).toBe(sdp);
  caller.phone.reply(reinvite, 200, 'OK', { body: sdpOf('moved') });
  await caller.phone.receive('ACK');
}

describe('a blind transfer by the buyer (RFC 3515, RFC 5589 §6)', () => {
  it('joins the caller with the target and lets the buyer go; the call goes on and shows it', async () => {
    const { caller, buyer, uuid } = await callUp();
    refer(buyer, `<${target.uri}>`, { 'Referred-By': '<sip:a@acme.example>' });
    await buyer.phone.receive(202);
    expect(await progress(buyer.phone)).toEqual({ status: 100, state: 'active' });
    const invite = await target.receive('INVITE');
    expect(invite.headers.get('X-PH-RetreaverUUID')).toBe(uuid);
    expect(invite.headers.get('Referred-By')).toBe('<sip:a@acme.example>');
    expect(invite.body.toString()).toBe(caller.phone.sdp);
    target.reply(invite, 180, 'Ringing');
    expect(await progress(buyer.phone)).toEqual({ status: 180, state: 'active' });
    const targetCall = answers(target, invite);
    await target.receive('ACK');
    await callerMovesOn(caller, target.sdp);
    expect(await progress(buyer.phone)).toEqual({ status: 200, state: 'terminated' });
    await isHungUp(buyer.phone);

    targetCall.request('INFO', { 'Content-Type': 'application/dtmf-relay' }, 'Signal=5\r\n');
    const info = await caller.phone.receive('INFO');
    expect(info.body.toString()).toContain('Signal=5');
    caller.phone.reply(info, 200, 'OK');
    await target.receive(200);
    const gone = isHungUp(target);
    await hangsUp(caller);
    await gone;
    const call = await rig.endedCall(caller);
    expect(call).toMatchObject({ buyer_id: 'A', hung_up_by: 'caller', outcome: 'completed' });
    expect(call['attempts']).toMatchObject([
      { seq: 1, buyer_id: 'A', sip_status: 200 },
      { seq: 2, buyer_id: 'A', destination: target.uri, sip_status: 200 },
    ]);
    expect(call['events'].map(({ type }: { type: string }) => type)).toContain('transferred');
    await rig.nothingLeft();
  });

  it('goes on when the buyer leaves at once, and the target’s hang-up ends the call', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<${target.uri}>`);
    await buyer.phone.receive(202);
    await progress(buyer.phone);
    const invite = await rings(target);
    buyer.request('BYE');
    await buyer.phone.receive(200);
    const targetCall = answers(target, invite);
    await target.receive('ACK');
    await callerMovesOn(caller, target.sdp);
    targetCall.request('BYE');
    await isHungUp(caller.phone);
    await target.receive(200);
    expect(await rig.endedCall(caller)).toMatchObject({ hung_up_by: 'buyer', outcome: 'completed' });
    await rig.nothingLeft();
    buyer.phone.inbox.length = 0; // a NOTIFY that crossed its BYE
  });

  it('that the target refuses is told to the buyer, and the old call goes on', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<${target.uri}>`);
    await buyer.phone.receive(202);
    await progress(buyer.phone);
    target.reply(await target.receive('INVITE'), 486, 'Busy Here');
    await target.receive('ACK');
    expect(await progress(buyer.phone)).toEqual({ status: 486, state: 'terminated' });
    buyer.request('INFO', { 'Content-Type': 'application/dtmf-relay' }, 'Signal=1\r\n');
    caller.phone.reply(await caller.phone.receive('INFO'), 200, 'OK');
    await buyer.phone.receive(200);
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
    const call = await rig.endedCall(caller);
    expect(call['attempts'][1]).toMatchObject({ sip_status: 486, answer_time: null });
    expect(call['events'].map(({ type }: { type: string }) => type)).toContain('transfer_failed');
    await rig.nothingLeft();
  });

  it('that the caller does not take (488) leaves it with the buyer', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<${target.uri}>`);
    await buyer.phone.receive(202);
    await progress(buyer.phone);
    answers(target, await target.receive('INVITE'));
    await target.receive('ACK');
    caller.phone.reply(await caller.phone.receive('INVITE'), 488, 'Not Acceptable Here');
    await caller.phone.receive('ACK');
    await isHungUp(target);
    expect(await progress(buyer.phone)).toEqual({ status: 488, state: 'terminated' });
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
    await rig.nothingLeft();
  });

  it('is cancelled when the caller hangs up meanwhile', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<${target.uri}>`, { 'Refer-Sub': 'false' });
    expect((await buyer.phone.receive(202)).headers.get('Refer-Sub')).toBe('false');
    const invite = await rings(target);
    const gone = Promise.all([isHungUp(buyer.phone), isCancelled(target, invite)]);
    await hangsUp(caller);
    await gone;
    expect(await rig.endedCall(caller)).toMatchObject({ hung_up_by: 'caller' });
    await rig.nothingLeft();
    expect(buyer.phone.inbox).toEqual([]);
  });

  it('to a host the buyer may transfer to, but that is not its own, carries neither uuid nor key', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<sip:partner@localhost:${target.port}>`, { 'Refer-Sub': 'false' });
    const invite = await target.receive('INVITE');
    expect(invite.headers.get('X-PH-RetreaverUUID')).toBeUndefined();
    expect(invite.headers.get('X-PH-RetreaverKey')).toBeUndefined();
    target.reply(invite, 603, 'Decline');
    await target.receive('ACK');
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
    buyer.phone.inbox.length = 0;
  });

  it('offers a caller on hold as one who talks', async () => {
    const { caller, buyer } = await callUp();
    buyer.sendInvite(buyer.phone.sdp.replace('sendrecv', 'sendonly'));
    const hold = await caller.phone.receive('INVITE');
    caller.phone.reply(hold, 200, 'OK', { body: caller.phone.sdp.replace('sendrecv', 'recvonly') });
    buyer.ack(await buyer.phone.receive(200));
    await caller.phone.receive('ACK');
    refer(buyer, `<${target.uri}>`, { 'Refer-Sub': 'false' });
    await buyer.phone.receive(202);
    const invite = await target.receive('INVITE');
    expect(invite.body.toString()).toBe(caller.phone.sdp);
    target.reply(invite, 480, 'Temporarily Unavailable');
    await target.receive('ACK');
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
  });
});

describe('an attended transfer by the buyer (RFC 3891, RFC 5589 §7)', () => {
  it('takes the place of the buyer’s call with the target', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, `<${target.uri}?Replaces=7%40desk%3Bto-tag%3Dt%3Bfrom-tag%3Df>`);
    await buyer.phone.receive(202);
    await progress(buyer.phone);
    const invite = await target.receive('INVITE');
    expect(invite.headers.get('Replaces')).toBe('7@desk;to-tag=t;from-tag=f');
    expect(invite.headers.get('Require')).toBe('replaces');
    answers(target, invite);
    await target.receive('ACK');
    await callerMovesOn(caller, target.sdp);
    expect(await progress(buyer.phone)).toEqual({ status: 200, state: 'terminated' });
    await isHungUp(buyer.phone);
    const gone = isHungUp(target);
    await hangsUp(caller);
    await gone;
    const began = (await rig.endedCall(caller))['events'].find(
      ({ type }: { type: string }) => type === 'transfer_began',
    );
    expect(began).toMatchObject({ data: { kind: 'attended' } });
    await rig.nothingLeft();
  });
});

describe('a transfer that is not allowed', () => {
  it('is refused 403 to a host that is not the buyer’s, and nothing is dialled', async () => {
    const { caller, buyer } = await callUp();
    refer(buyer, '<sip:+19005550100@evil.example>');
    await buyer.phone.receive(403);
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
    expect((await rig.endedCall(caller))['attempts']).toHaveLength(1);
  });

  it('is refused 403 to the caller', async () => {
    const { caller, buyer } = await callUp();
    refer(caller, `<${target.uri}>`);
    await caller.phone.receive(403);
    const gone = isHungUp(buyer.phone);
    await hangsUp(caller);
    await gone;
    expect(target.inbox).toEqual([]);
  });

  it('is refused 403 to a buyer without the right: transfers are off by default', async () => {
    const caller = rig.newCall();
    caller.sendInvite();
    rig.buyer('A').reply(await rig.buyer('A').receive('INVITE'), 486, 'Busy Here');
    await rig.buyer('A').receive('ACK');
    const strict = answers(rig.buyer('Strict'), await rig.buyer('Strict').receive('INVITE'));
    await isAnswered(caller);
    refer(strict, `<${target.uri}>`);
    await strict.phone.receive(403);
    const gone = isHungUp(strict.phone);
    await hangsUp(caller);
    await gone;
    expect(target.inbox).toEqual([]);
  });
});
