import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../src/log.ts';
import { LegProbe } from '../../src/telephony/leg-probe.ts';
import type { SipDialog } from '../../src/telephony/srf.ts';

const EVERY_MS = 60_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A leg whose peer answers each method like this, and what it was asked. */
function probed(answers: Record<string, number | Error>) {
  const asked: string[] = [];
  const onDead = vi.fn();
  const dialog = {
    connected: true,
    local: { sdp: 'v=0' },
    remote: { sdp: 'v=0' },
    request: async ({ method }: { method: string }) => {
      asked.push(method);
      const status = answers[method];
      if (status instanceof Error) throw status;
      return { status, body: '', reason: '', get: () => undefined };
    },
  };
  const options = { everyMs: EVERY_MS, log: createLog('silent'), onDead };
  return { asked, onDead, dialog, probe: new LegProbe(dialog as unknown as SipDialog, options) };
}

describe('the probe of a leg without a session timer', () => {
  it.each([200, 405, 501, 503])('OPTIONS answered %i: it is alive, and asked again', async (status) => {
    const { asked, onDead } = probed({ OPTIONS: status });
    await vi.advanceTimersByTimeAsync(2 * EVERY_MS);
    expect(asked).toEqual(['OPTIONS', 'OPTIONS']);
    expect(onDead).not.toHaveBeenCalled();
  });

  it('OPTIONS unanswered, the re-INVITE answered: it is alive', async () => {
    const { asked, onDead } = probed({ OPTIONS: 408, INVITE: 488 });
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(asked).toEqual(['OPTIONS', 'INVITE']);
    expect(onDead).not.toHaveBeenCalled();
  });

  it.each([
    ['both unanswered', { OPTIONS: 408, INVITE: 408 }],
    ['both answered 481: no such call', { OPTIONS: 481, INVITE: 481 }],
  ])('%s: it is dead, once', async (_, answers) => {
    const { asked, onDead } = probed(answers);
    await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
    expect(asked).toEqual(['OPTIONS', 'INVITE']);
    expect(onDead).toHaveBeenCalledOnce();
  });

  it('what cannot be sent says nothing about the peer', async () => {
    const { onDead } = probed({ OPTIONS: new Error('not connected') });
    await vi.advanceTimersByTimeAsync(EVERY_MS);
    expect(onDead).not.toHaveBeenCalled();
  });

  it('ends with the call', async () => {
    const { asked, probe } = probed({ OPTIONS: 200 });
    probe.stop();
    await vi.advanceTimersByTimeAsync(5 * EVERY_MS);
    expect(asked).toEqual([]);
  });
});
