import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../engine/support/phone.ts';
import {
  answers,
  hangsUp,
  isAnswered,
  isCancelled,
  isHungUp,
  isRefused,
  PhoneRig,
  rings,
} from '../support/phone-rig.ts';

async function refuses(rig: PhoneRig, name: string, status: number): Promise<void> {
  rig.buyer(name).reply(await rig.buyer(name).receive('INVITE'), status, 'Refused');
  await rig.buyer(name).receive('ACK');
}

/** The caller talks and hangs up; what is recorded. */
async function talks(rig: PhoneRig, call: Call, name: string) {
  await isAnswered(call);
  await rig.buyer(name).receive('ACK');
  const gone = isHungUp(rig.buyer(name));
  await hangsUp(call);
  await gone;
  await rig.nothingLeft();
  return rig.endedCall(call);
}

describe('buyers who ring at the same time (semantics §6)', () => {
  let rig: PhoneRig;
  beforeAll(async () => {
    rig = await PhoneRig.open({
      buyers: ['A', 'B', 'C', 'D'],
      campaignSettings: { routes: [{ buyers: ['A', 'B', 'C'] }, { buyer: 'D', priority: 2 }] },
    });
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  it('the first answer wins, the others are cancelled and told why', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const [a, b, c] = await Promise.all([rings(rig.buyer('A')), rings(rig.buyer('B')), rings(rig.buyer('C'))]);
    await rig.carrier.receive(180);
    answers(rig.buyer('B'), b);
    const [cancel] = await Promise.all([isCancelled(rig.buyer('A'), a), isCancelled(rig.buyer('C'), c)]);
    expect(cancel.headers.get('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
    const row = await talks(rig, call, 'B');
    expect(row).toMatchObject({ buyer_id: 'B', outcome: 'completed' });
    const reasons = Object.fromEntries(
      row['attempts'].map(({ buyer_id, reason }: Record<string, string>) => [buyer_id, reason]),
    );
    expect(reasons).toEqual({ A: 'answered elsewhere', B: null, C: 'answered elsewhere' });
    expect(rig.carrier.inbox.filter((message) => message.kind === 'response' && message.status === 180)).toEqual([]);
    expect(rig.buyer('D').inbox).toEqual([]);
  });

  it('nobody’s early media is heard: the caller is told that it rings', async () => {
    const call = rig.newCall();
    call.sendInvite(undefined, { Supported: '100rel' });
    const a = await rig.buyer('A').receive('INVITE');
    expect(a.headers.get('Supported')).toBe('timer');
    rig.buyer('A').reply(a, 183, 'Session Progress', { body: rig.buyer('A').sdp });
    expect((await rig.carrier.receive(180)).body.toString()).toBe('');
    answers(rig.buyer('A'), a);
    for (const name of ['B', 'C']) {
      const invite = await rig.buyer(name).receive('INVITE');
      rig.buyer(name).reply(invite, 100, 'Trying');
      await isCancelled(rig.buyer(name), invite);
    }
    await talks(rig, call, 'A');
  });

  it('an answer that crosses the CANCEL is hung up', async () => {
    const call = rig.newCall();
    call.sendInvite();
    const [a, b, c] = await Promise.all([rings(rig.buyer('A')), rings(rig.buyer('B')), rings(rig.buyer('C'))]);
    answers(rig.buyer('A'), a);
    answers(rig.buyer('B'), b);
    answers(rig.buyer('C'), c);
    await Promise.all(
      ['B', 'C'].map(async (name) => {
        await rig.buyer(name).receive('ACK');
        await isHungUp(rig.buyer(name));
      }),
    );
    expect(await talks(rig, call, 'A')).toMatchObject({ buyer_id: 'A' });
  });

  it('when all have refused, the next candidate rings', async () => {
    const call = rig.newCall();
    call.sendInvite();
    await Promise.all([refuses(rig, 'A', 486), refuses(rig, 'B', 603), refuses(rig, 'C', 480)]);
    answers(rig.buyer('D'), await rig.buyer('D').receive('INVITE'));
    expect(await talks(rig, call, 'D')).toMatchObject({ buyer_id: 'D' });
  });

  it('a delayed offer reaches all, the winner’s is answered (RFC 3261 §13.2.1)', async () => {
    const call = rig.newCall();
    call.sendInvite(null);
    const [a, b, c] = await Promise.all([rings(rig.buyer('A')), rings(rig.buyer('B')), rings(rig.buyer('C'))]);
    expect(b.body.toString()).toBe('');
    answers(rig.buyer('B'), b);
    answers(rig.buyer('C'), c);
    await isCancelled(rig.buyer('A'), a);
    await rig.buyer('C').receive('ACK');
    await isHungUp(rig.buyer('C'));
    const answer = await rig.carrier.receive(200);
    expect(answer.body.toString()).toBe(rig.buyer('B').sdp);
    call.ack(answer, rig.carrier.sdp);
    expect((await rig.buyer('B').receive('ACK')).body.toString()).toBe(rig.carrier.sdp);
    const gone = isHungUp(rig.buyer('B'));
    await hangsUp(call);
    await gone;
    await rig.nothingLeft();
  });
});

describe('several destinations of one buyer (semantics §6)', () => {
  let rig: PhoneRig;
  beforeAll(async () => {
    rig = await PhoneRig.open({ buyers: [{ id: 'A', phones: ['A1', 'A2'] }, 'B'], ringTimeoutSeconds: 1 });
  });
  afterAll(() => rig?.[Symbol.asyncDispose]());

  it.each([408, 480, 500, 503, 504])('after %i the next one is dialled', async (status) => {
    const call = rig.newCall();
    call.sendInvite();
    await refuses(rig, 'A1', status);
    answers(rig.buyer('A2'), await rig.buyer('A2').receive('INVITE'));
    const row = await talks(rig, call, 'A2');
    expect(row['attempts']).toMatchObject([
      { buyer_id: 'A', sip_status: status },
      { buyer_id: 'A', sip_status: 200 },
    ]);
  });

  it.each([404, 486, 600, 603])('after %i the next buyer is dialled, and never this one again', async (status) => {
    const call = rig.newCall();
    call.sendInvite();
    await refuses(rig, 'A1', status);
    answers(rig.buyer('B'), await rig.buyer('B').receive('INVITE'));
    await talks(rig, call, 'B');
    expect(rig.buyer('A2').inbox).toEqual([]);
  });

  it('after a ring timeout the next buyer is dialled; a delayed offer stays one', async () => {
    const call = rig.newCall();
    call.sendInvite(null);
    const ringing = await rings(rig.buyer('A1'));
    const cancel = await isCancelled(rig.buyer('A1'), ringing);
    expect(cancel.headers.get('Reason')).toContain('Ring timeout');
    const invite = await rig.buyer('B').receive('INVITE');
    expect(invite.body.toString()).toBe('');
    answers(rig.buyer('B'), invite);
    call.ack(await rig.carrier.receive(200), rig.carrier.sdp);
    await rig.buyer('B').receive('ACK');
    const gone = isHungUp(rig.buyer('B'));
    await hangsUp(call);
    await gone;
    await rig.nothingLeft();
    expect(rig.buyer('A2').inbox).toEqual([]);
  });
});

describe('the last resort (semantics §6)', () => {
  it('gets what no buyer took, without uuid and key, and no money', async () => {
    await using rig = await PhoneRig.open({ buyers: ['C'], lastResort: 'Desk' });
    const call = rig.newCall();
    call.sendInvite();
    await refuses(rig, 'C', 486);
    const invite = await rig.buyer('Desk').receive('INVITE');
    expect(invite.headers.get('X-PH-RetreaverUUID')).toBeUndefined();
    expect(invite.headers.get('X-PH-RetreaverKey')).toBeUndefined();
    answers(rig.buyer('Desk'), invite);
    await isAnswered(call);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // group 3 pays 20/10 for a second with a buyer
    const gone = isHungUp(rig.buyer('Desk'));
    await hangsUp(call);
    await gone;
    const row = await rig.endedCall(call);
    expect(row).toMatchObject({ buyer_id: null, status: 'not_converted', outcome: 'completed' });
    expect(row['revenue']).not.toBe('20.00');
    expect(row['attempts']).toMatchObject([
      { buyer_id: 'C', sip_status: 486 },
      { buyer_id: null, sip_status: 200 },
    ]);
    await rig.nothingLeft();
  });

  it('is not dialled when the caller has left', async () => {
    await using rig = await PhoneRig.open({ buyers: ['C'], lastResort: 'Desk' });
    const call = rig.newCall();
    call.sendInvite();
    const invite = await rings(rig.buyer('C'));
    call.cancel();
    await isRefused(call, 487);
    await isCancelled(rig.buyer('C'), invite);
    await rig.nothingLeft();
    expect(rig.buyer('Desk').inbox).toEqual([]);
  });
});

describe('what the call shows afterwards (semantics §6)', () => {
  it('candidates and why each other buyer was skipped; 480 when nobody was tried', async () => {
    await using rig = await PhoneRig.open({
      buyers: ['Paused', 'Full', 'Picky'],
      buyerSettings: { Paused: { paused: true }, Full: { caps: [{ per: 'concurrent', limit: 0 }] } },
      campaignSettings: {
        routes: [{ buyer: 'Paused' }, { buyer: 'Full' }, { buyer: 'Picky', matches: ['state==CA'] }],
      },
    });
    const call = rig.newCall();
    call.sendInvite();
    await isRefused(call, 480);
    const row = await rig.endedCall(call);
    expect(row).toMatchObject({ sip_status: 480, attempts: [] });
    const reasons = Object.fromEntries(
      row['routing'].skipped.map(({ buyer_id, reason }: Record<string, string>) => [buyer_id, reason]),
    );
    expect(reasons).toEqual({ Paused: 'paused', Full: 'cap_reached', Picky: 'tags_do_not_match' });
  });
});
