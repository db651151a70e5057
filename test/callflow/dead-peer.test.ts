import { expect, it } from 'vitest';
import type { SipRequest } from '../../sip/engine/message/message.ts';
import { answers, isAnswered, isHungUp, PhoneRig } from '../support/phone-rig.ts';

it('a buyer that lost the call, without a session timer, is found out by probes; the caller is hung up', async () => {
  await using rig = await PhoneRig.open({ buyers: ['A'], settings: { PROBE_SECONDS: '1' } });
  const buyer = rig.buyer('A');
  const call = rig.newCall();
  call.sendInvite();
  answers(buyer, await buyer.receive('INVITE'));
  await isAnswered(call);
  await buyer.receive('ACK');

  buyer.reply(await buyer.receive('OPTIONS'), 200, 'OK'); // still there …
  buyer.reply(await buyer.receive('OPTIONS'), 481, 'Call/Transaction Does Not Exist'); // … now restarted
  buyer.reply((await buyer.receive('INVITE')) as SipRequest, 481, 'Call/Transaction Does Not Exist');
  await buyer.receive('ACK');
  await isHungUp(rig.carrier);
  expect(await rig.endedCall(call)).toMatchObject({
    ...{ hung_up_by: 'system', outcome: 'completed', outcome_reason: 'buyer_vanished', end_estimated: true },
  });
});

it('a buyer with a session timer is not probed', async () => {
  await using rig = await PhoneRig.open({ buyers: ['A'], settings: { PROBE_SECONDS: '1', DRAIN_SECONDS: '0' } });
  const buyer = rig.buyer('A');
  const call = rig.newCall();
  call.sendInvite();
  const invite = await buyer.receive('INVITE');
  const headers = { 'Session-Expires': '1800;refresher=uas', Require: 'timer' };
  buyer.reply(invite, 200, 'OK', { body: buyer.sdp, headers });
  await isAnswered(call);
  await buyer.receive('ACK');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(buyer.inbox).toEqual([]);
});
