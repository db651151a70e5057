import { describe, expect, it } from 'vitest';
import { answers, isAnswered, PhoneRig } from '../support/phone-rig.ts';
import { waitFor } from '../support/wait-for.ts';

const NODE_OPTIONS = `--import ${new URL('./thread-killer.ts', import.meta.url).href}`;

describe('a thread that dies', () => {
  it.each([
    ['store', 'the database thread ended'],
    ['engine', 'the SIP engine thread ended'],
  ])('%s: the process says so and ends with code 1; its next start closes the call', async (thread, message) => {
    await using rig = await PhoneRig.open({ buyers: ['A'], settings: { NODE_OPTIONS, KILLED_THREAD: thread } });
    const call = rig.newCall();
    call.sendInvite();
    answers(rig.buyer('A'), await rig.buyer('A').receive('INVITE'));
    await isAnswered(call);
    const uuid = await waitFor('the answer to be recorded', async () => {
      const [row] = await rig.bridge.calls();
      return row?.['answer_time'] === null ? undefined : row?.['call_uuid'];
    });

    process.kill(rig.bridge.pid, 'SIGWINCH');
    expect(await rig.bridge.exit).toEqual({ code: 1, signal: null });
    expect(rig.bridge.log.at(-1)).toMatchObject({ level: 'fatal', msg: message });

    await using again = await rig.bridge.restart();
    expect(await again.call(uuid)).toMatchObject({ end_estimated: true, status: 'pending' });
  });
});
