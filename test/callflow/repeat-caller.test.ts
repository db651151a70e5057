import { describe, expect, it } from 'vitest';
import { answers, hangsUp, isAnswered, isHungUp, PhoneRig, rings } from '../support/phone-rig.ts';

const CALLER = '+14155550177';

/** A call of the same caller that this buyer takes; the tags its buyer adds, and what is recorded. */
async function calls(rig: PhoneRig, buyer: string, addTags: Record<string, string> = {}) {
  const call = rig.newCall(CALLER);
  call.sendInvite();
  const invite = await rings(rig.buyer(buyer));
  const [uuid, key] = ['X-PH-RetreaverUUID', 'X-PH-RetreaverKey'].map((name) => invite.headers.get(name) ?? '');
  answers(rig.buyer(buyer), invite);
  await isAnswered(call);
  await rig.buyer(buyer).receive('ACK');
  if (Object.keys(addTags).length > 0) {
    expect((await rig.bridge.postback(uuid!, 'add_tags', { key: key!, ...addTags })).status).toBe(200);
  }
  const gone = isHungUp(rig.buyer(buyer));
  await hangsUp(call);
  await gone;
  await rig.nothingLeft();
  return { uuid, key, row: await rig.bridge.call(uuid!) };
}

const open = (repeatCallers: object, routes?: object[]) =>
  PhoneRig.open({
    buyers: ['A', 'B'],
    campaignSettings: { repeat_callers: repeatCallers, ...(routes === undefined ? {} : { routes }) },
  });

const added = (row: Record<string, { name: string; value: string }[]>) =>
  row['tags']!.filter(({ name }) => ['zip', 'age'].includes(name)).map(({ name, value }) => `${name}:${value}`);

describe('16: a repeat caller', () => {
  it.each([
    ['none', []],
    ['all', ['age:40', 'zip:90210']],
    [['zip'], ['zip:90210']],
  ])('with carry_tags %j has these tags of add_tags: %j; uuid, key and window are its own', async (carry, expected) => {
    await using rig = await open({ carry_tags: carry });
    const first = await calls(rig, 'A', { zip: '90210', age: '40' });
    const second = await calls(rig, 'A');
    expect(added(second.row).sort()).toEqual(expected);
    expect(second.uuid).not.toBe(first.uuid);
    expect(second.key).not.toBe(first.key);
    for (const { row } of [first, second]) {
      expect(row).toMatchObject({ status: 'pending' });
      expect(Date.parse(row['window_end_time']) - Date.parse(row['end_time'])).toBe(600_000);
    }
  });

  it('goes to the buyer it had before, and not for a tag it does not carry', async () => {
    await using rig = await open({ mode: 'to_previous_buyer' }, [
      { buyer: 'A', priority: 1, matches: ['zip!=90210'] },
      { buyer: 'B', priority: 2 },
    ]);
    const first = rig.newCall(CALLER);
    first.sendInvite();
    rig.buyer('A').reply(await rig.buyer('A').receive('INVITE'), 486, 'Busy Here');
    await rig.buyer('A').receive('ACK');
    answers(rig.buyer('B'), await rings(rig.buyer('B')));
    await isAnswered(first);
    await rig.buyer('B').receive('ACK');
    const gone = isHungUp(rig.buyer('B'));
    await hangsUp(first);
    await gone;
    await rig.nothingLeft();
    const again = await calls(rig, 'B', { zip: '90210' });
    expect(again.row['attempts']).toHaveLength(1);
    expect(again.row['routing'].candidates[0]).toMatchObject({ buyer_ids: ['B'], previous_buyer: true });
  });

  it('is routed by the tags it carries', async () => {
    await using rig = await open({ carry_tags: 'all' }, [
      { buyer: 'B', priority: 1, matches: ['zip==90210'] },
      { buyer: 'A', priority: 2 },
    ]);
    await calls(rig, 'A', { zip: '90210' });
    await calls(rig, 'B');
  });
});
