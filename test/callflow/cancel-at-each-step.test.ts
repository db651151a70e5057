import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call, Phone } from '../engine/support/phone.ts';
import { answers, givesUp, isCancelled, isHungUp, isRefused, PhoneRig, rings } from '../support/phone-rig.ts';

/** Buyers in the order in which they are dialled, those in a list at once. `Capped` has one line. */
async function openRig(order: readonly (string | readonly string[])[]): Promise<PhoneRig> {
  const routes = order.map((turn, priority) =>
    typeof turn === 'string' ? { buyer: turn, priority } : { buyers: turn, priority },
  );
  return PhoneRig.open({
    buyers: [...new Set(order.flat())],
    buyerSettings: { Capped: { caps: [{ per: 'concurrent', limit: 1 }] } },
    campaignSettings: { routes },
  });
}

async function isAbandoned(rig: PhoneRig, call: Call): Promise<void> {
  expect(await rig.endedCall(call)).toMatchObject({
    answer_time: null,
    hung_up_by: 'caller',
    sip_status: 487,
    outcome: 'abandoned',
    status: 'not_converted',
    window_end_time: null,
  });
}

/** A buyer whose INVITE may or may not have left: answers what comes like a phone, until the engine holds nothing. */
async function behavesUntilQuiet(rig: PhoneRig, buyer: Phone): Promise<void> {
  const seen = () => buyer.inbox.some((message) => message.kind === 'request' && message.method === 'INVITE');
  await new Promise((resolve) => setTimeout(resolve, 100)); // what was on its way has arrived
  if (seen()) {
    const invite = await buyer.receive('INVITE');
    buyer.reply(invite, 100, 'Trying');
    await isCancelled(buyer, invite);
  }
  await rig.nothingLeft();
}

describe('a caller who gives up', () => {
  let rig: PhoneRig;
  beforeAll(async () => {
    rig = await openRig(['A', 'B']);
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  it('right after the INVITE leaves no leg', async () => {
    const call = rig.newCall();
    call.sendInvite();
    await givesUp(call);
    await behavesUntilQuiet(rig, rig.buyer('A'));
    await isAbandoned(rig, call);
  });

  it('while the buyer is silent: CANCEL waits for its first response (RFC 3261 §9.1)', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rig.buyer('A').receive('INVITE');
    await givesUp(call);
    await isAbandoned(rig, call);
    expect(rig.holds()).toMatchObject([{ buyer_id: 'A' }]);
    rig.buyer('A').reply(invite, 100, 'Trying');
    await isCancelled(rig.buyer('A'), invite);
    await rig.nothingLeft();
  });

  it('while the buyer is silent, who then answers at once: it is hung up', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rig.buyer('A').receive('INVITE');
    await givesUp(call);
    answers(rig.buyer('A'), invite);
    await rig.buyer('A').receive('ACK');
    await isHungUp(rig.buyer('A'));
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('after the buyer’s 100', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rig.buyer('A').receive('INVITE');
    rig.buyer('A').reply(invite, 100, 'Trying');
    await givesUp(call);
    await isCancelled(rig.buyer('A'), invite);
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('after the buyer’s 180', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rings(rig.buyer('A'));
    await rig.carrier.receive(180);
    await givesUp(call);
    await isCancelled(rig.buyer('A'), invite);
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('after a reliable 183 that the buyer was acknowledged and the caller was not (RFC 3262)', async () => {
    const call = rig.newCall();
    call.sendInvite(undefined, { Supported: '100rel' });
    const invite = await rig.buyer('A').receive('INVITE');
    const { sdp } = rig.buyer('A');
    rig.buyer('A').reply(invite, 183, 'Session Progress', { body: sdp, headers: { Require: '100rel', RSeq: '7' } });
    rig.buyer('A').reply(await rig.buyer('A').receive('PRACK'), 200, 'OK');
    expect((await rig.carrier.receive(183)).headers.get('Require')).toBe('100rel');
    await givesUp(call);
    await isCancelled(rig.buyer('A'), invite);
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('while the buyer’s 200 crosses the CANCEL: the buyer gets ACK and BYE', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rings(rig.buyer('A'));
    await rig.carrier.receive(180);
    call.cancel();
    answers(rig.buyer('A'), invite);
    await isRefused(call, 487);
    await rig.buyer('A').receive('ACK');
    await isHungUp(rig.buyer('A'));
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('between the first buyer and the second', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rig.buyer('A').receive('INVITE');
    call.cancel();
    rig.buyer('A').reply(invite, 486, 'Busy Here');
    await isRefused(call, 487);
    await rig.buyer('A').receive('ACK');
    await behavesUntilQuiet(rig, rig.buyer('B'));
    await isAbandoned(rig, call);
  });

  it('while the second buyer rings', async () => {
    const call = rig.newCall();
    call.sendInvite();
    rig.buyer('A').reply(await rig.buyer('A').receive('INVITE'), 486, 'Busy Here');
    await rig.buyer('A').receive('ACK');
    const invite = await rings(rig.buyer('B'));
    await givesUp(call);
    await isCancelled(rig.buyer('B'), invite);
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });

  it('over and over, at every distance from the INVITE', async () => {
    for (let delayMs = 0; delayMs <= 30; delayMs += 3) {
      const call = rig.newCall();
      call.sendInvite();
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await givesUp(call);
      await behavesUntilQuiet(rig, rig.buyer('A'));
    }
  });
});

describe('a caller who gives up while several buyers ring', () => {
  it('cancels all of them, whatever each has answered so far', async () => {
    await using rig = await openRig([['A', 'B', 'C']]);
    const call = rig.newCall();
    call.sendInvite();
    const ringing = await rings(rig.buyer('A'));
    const trying = await rig.buyer('B').receive('INVITE');
    rig.buyer('B').reply(trying, 100, 'Trying');
    const answering = await rig.buyer('C').receive('INVITE');
    await rig.carrier.receive(180);
    call.cancel();
    answers(rig.buyer('C'), answering);
    await isRefused(call, 487);
    await Promise.all([isCancelled(rig.buyer('A'), ringing), isCancelled(rig.buyer('B'), trying)]);
    await rig.buyer('C').receive('ACK');
    await isHungUp(rig.buyer('C'));
    await isAbandoned(rig, call);
    await rig.nothingLeft();
  });
});

describe('a caller who gives up while a line is reserved', () => {
  it('leaves neither leg nor line', async () => {
    await using rig = await openRig(['Capped']);
    for (let round = 0; round < 10; round += 1) {
      const call = rig.newCall();
      call.sendInvite();
      await givesUp(call);
      await behavesUntilQuiet(rig, rig.buyer('Capped'));
      await isAbandoned(rig, call);
    }
  });
});
