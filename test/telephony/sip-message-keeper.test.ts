import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import type { SipMessageRow } from '../../src/store/tables.ts';
import { type SipMessage, SipMessageKeeper } from '../../src/telephony/sip-message-keeper.ts';

let now = 0;
let kept: SipMessageRow[] = [];
let log: Record<string, unknown>[] = [];
let failing = false;

const keeper = () =>
  new SipMessageKeeper({
    now: () => now,
    log: createLog('info', { write: (line) => void log.push(JSON.parse(line)) }),
    store: {
      keepSipMessages: async ({ messages }) => {
        if (failing) throw new Error('the disk is full');
        kept.push(...messages);
        return { kept: messages.length };
      },
    },
  });
const message = (n: number, sipCallId: string): SipMessage => ({
  ...{ at: now, n, direction: 'sent', peer: 'udp/192.0.2.1:5060', sipCallId, text: `BYE ${n}` },
});

beforeEach(() => {
  now = 1_000_000;
  [kept, log, failing] = [[], [], false];
});

describe('the keeper of SIP messages', () => {
  it('writes those of calls, and of nobody else', async () => {
    const messages = keeper();
    messages.belongs('one', 'call-1');
    messages.take([message(1, 'one'), message(2, 'stranger')]);
    await messages.close();
    expect(kept).toMatchObject([{ call_uuid: 'call-1', n: 1, sip_call_id: 'one' }]);
  });

  it('waits five seconds for a message to be known as a call’s', async () => {
    const messages = keeper();
    messages.take([message(1, 'early'), message(2, 'never')]);
    now += 4_000;
    messages.belongs('early', 'call-1');
    messages.take([]);
    now += 2_000;
    messages.belongs('never', 'call-2');
    await messages.close();
    expect(kept.map(({ n }) => n)).toEqual([1]);
  });

  it('says once a minute what the database could not take, and goes on', async () => {
    const messages = keeper();
    messages.belongs('one', 'call-1');
    failing = true;
    messages.take(Array.from({ length: 250 }, (_, n) => message(n, 'one')));
    await messages.close();
    messages.take([message(300, 'one')]);
    await messages.close();
    expect(log).toMatchObject([{ level: 'warn', messages: 250 }]);
    failing = false;
    now += 60_000;
    messages.take([message(400, 'one')]);
    await messages.close();
    expect(kept.map(({ n }) => n)).toEqual([400]);
    expect(log).toMatchObject([{ messages: 250 }, { messages: 1 }]);
  });

  it('has room for so many, whoever floods', async () => {
    const messages = keeper();
    for (let n = 0; n < 60_000; n += 1) messages.belongs(`id-${n}`, `call-${n}`);
    messages.take([message(1, 'id-0'), message(2, 'id-59999')]);
    await messages.close();
    expect(kept.map(({ call_uuid }) => call_uuid)).toEqual(['call-59999']);
  });
});
