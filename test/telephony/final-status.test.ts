import { describe, expect, it } from 'vitest';
import type { FailedAttempt } from '../../src/telephony/attempt.ts';
import { finalStatusForCaller, sendFinal } from '../../src/telephony/final-status.ts';
import type { InviteResponse } from '../../src/telephony/srf.ts';

function failed(sipStatus: number, cause: FailedAttempt['cause'] = 'refused'): FailedAttempt {
  return { kind: 'failed', sipStatus, cause, reason: '', ringingAt: undefined };
}

describe('final answer to a caller whom nobody took (semantics §6)', () => {
  it.each([
    ['nobody was tried', undefined, 480],
    ['the last buyer was busy', failed(486), 486],
    ['the last buyer declined', failed(603), 603],
    ['our ring timeout ended the last attempt', failed(487, 'ring_timeout'), 480],
    ['the last buyer redirected', failed(302), 480],
    ['the last buyer wanted credentials', failed(407), 480],
    ['the last buyer was overloaded (RFC 3261 §16.7.6)', failed(503), 500],
    ['the INVITE could not be sent', failed(503, 'not_sent'), 500],
  ])('%s', (_title, last, expected) => expect(finalStatusForCaller(last)).toBe(expected));

  it('falls back to the x00 of a status that drachtio-srf does not know', () => {
    const sent: number[] = [];
    const res = {
      finalResponseSent: false,
      send: (status: number) => {
        if (status === 499) throw new Error('unknown status');
        sent.push(status);
      },
    } satisfies InviteResponse;
    sendFinal(res, 499);
    expect(sent).toEqual([400]);
  });

  it('sends nothing after a final answer', () => {
    const res = { finalResponseSent: true, send: () => expect.unreachable() } satisfies InviteResponse;
    sendFinal(res, 486);
  });
});
