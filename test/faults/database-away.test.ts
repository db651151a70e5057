import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { answers, hangsUp, isAnswered, isHungUp, isRefused, PhoneRig } from '../support/phone-rig.ts';
import { waitFor } from '../support/wait-for.ts';
import { SmallDisk } from './small-disk.ts';

/** More than the database waits for a lock. */
const PATIENT = { timeoutMs: 15_000 };

/** A call that is up, and what a buyer needs to post. */
async function callUp(rig: PhoneRig) {
  const call = rig.newCall();
  call.sendInvite();
  const invite = await rig.buyer('A').receive('INVITE');
  answers(rig.buyer('A'), invite);
  await isAnswered(call);
  await rig.buyer('A').receive('ACK');
  const sold = {
    uuid: invite.headers.get('X-PH-RetreaverUUID') ?? '',
    key: invite.headers.get('X-PH-RetreaverKey') ?? '',
  };
  await waitFor(
    'the answer to be recorded',
    async () => (await rig.bridge.call(sold.uuid))['answer_time'] ?? undefined,
  );
  return { call, ...sold };
}

async function ends(rig: PhoneRig, { call }: Running): Promise<void> {
  const gone = isHungUp(rig.buyer('A'));
  await hangsUp(call);
  await gone;
}

const readiness = async (rig: PhoneRig) => {
  const response = await fetch(`${rig.bridge.http}/readyz`);
  return { status: response.status, body: (await response.json()) as { parts: Record<string, boolean> } };
};

type Running = Awaited<ReturnType<typeof callUp>>;

/** What must hold while nothing can be written, and again once `restore` has made that possible. */
async function judge(rig: PhoneRig, running: Running, restore: () => void): Promise<void> {
  const url = `${rig.bridge.http}/calls/${running.uuid}/set_value?key=${running.key}&revenue=10`;
  const refused = await fetch(url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(await refused.json()).toMatchObject({ detail: 'Nothing was changed. Please try again.' });
  expect(await readiness(rig)).toMatchObject({ status: 503, body: { parts: { calls: true, database: false } } });

  const newCall = rig.newCall();
  newCall.sendInvite();
  const refusal = await waitFor('the new call to be refused', () => isRefused(newCall, 503), PATIENT);
  expect(refusal.headers.get('Retry-After')).not.toBeUndefined();
  expect(rig.buyer('A').inbox.filter((each) => each.kind === 'request' && each.method === 'INVITE')).toEqual([]);

  const endedAt = Date.now();
  await ends(rig, running);
  restore();
  const reply = await waitFor(
    'a postback to be taken again',
    async () => {
      const answer = await fetch(url);
      return answer.status === 200 ? answer : undefined;
    },
    PATIENT,
  );
  expect(reply.status).toBe(200);
  const row = await waitFor(
    'the end of the call to be written down',
    async () => {
      const now = await rig.bridge.call(running.uuid);
      return now['end_time'] === null || now['status'] !== 'converted' ? undefined : now;
    },
    PATIENT,
  );
  expect(row).toMatchObject({ revenue: '10.00', payout: '8.00', hung_up_by: 'caller', end_estimated: false });
  expect(Math.abs(Date.parse(row['end_time']) - endedAt)).toBeLessThan(1_500);
  await waitFor('readiness', async () => (await readiness(rig)).status === 200, PATIENT);
  await ends(rig, await callUp(rig));
}

const probe = SmallDisk.mount(1);
probe?.[Symbol.dispose]();

describe('while the database takes no writes', () => {
  it.skipIf(probe === undefined)(
    'the disk is full: postbacks and new calls get 503, calls that are up go on, room on the disk is enough',
    async () => {
      using disk = SmallDisk.mount(24)!;
      await using rig = await PhoneRig.open({ buyers: ['A'], settings: { DATA_DIR: disk.data, DRAIN_SECONDS: '1' } });
      const running = await callUp(rig);
      disk.fill();
      await judge(rig, running, () => disk.makeRoom());
      expect(rig.bridge.output()).toContain('database or disk is full');
    },
    60_000,
  );

  it('somebody holds its lock: the same, until it is let go', async () => {
    await using rig = await PhoneRig.open({ buyers: ['A'], settings: { DRAIN_SECONDS: '1' } });
    const running = await callUp(rig);
    const other = new Database(join(rig.bridge.folder, 'data', 'bridge.sqlite'));
    other.exec('begin immediate');
    await judge(rig, running, () => other.close());
    expect(rig.bridge.output()).toContain('database is locked');
  }, 90_000);
});
