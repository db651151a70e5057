import { describe, expect, it } from 'vitest';
import { type CallEnding, callOutcome } from '../../../src/domain/call-outcome.ts';

const refused = (sipStatus: number | undefined) =>
  callOutcome({ answered: false, ending: 'refused', sipStatus, hungUpBy: 'buyer' });

describe('call outcome (style §3.3)', () => {
  it.each([
    [486, 'busy', 'buyer', 'busy'],
    [600, 'busy', 'buyer', 'busy_everywhere'],
    [603, 'rejected', 'buyer', 'declined'],
    [607, 'rejected', 'buyer', 'unwanted'],
    [608, 'rejected', 'carrier', 'blocked'],
    [403, 'rejected', 'buyer', 'forbidden'],
    [408, 'no_answer', 'buyer', 'timeout'],
    [480, 'no_answer', 'buyer', 'unavailable'],
    [487, 'no_answer', 'buyer', 'ring_timeout'],
    [404, 'failed', 'us', 'destination_unknown'],
    [401, 'failed', 'us', 'credentials_refused'],
    [407, 'failed', 'us', 'credentials_refused'],
    [488, 'failed', 'buyer', 'media_refused'],
    [503, 'failed', 'buyer', 'service_unavailable'],
    [482, 'failed', 'us', 'loop'],
  ])('refused with %i → %s, %s, %s', (status, result, fault, reason) => {
    expect(refused(status)).toEqual({ result, fault, reason });
  });

  it.each([undefined, 0, 299, 302, 499, 599, 699])('an unknown refusal (%s) is our fault', (status) => {
    expect(refused(status)).toEqual({ result: 'failed', fault: 'us', reason: 'unknown' });
  });

  it.each([
    ['canceled', 'abandoned', 'caller'],
    ['no_buyer', 'failed', 'none'],
    ['error', 'failed', 'us'],
    ['node_restarted', 'failed', 'us'],
    ['shutdown', 'failed', 'us'],
    ['peer_vanished', 'failed', 'carrier'],
  ] as [CallEnding, string, string][])('%s before the answer → %s, %s', (ending, result, fault) => {
    expect(callOutcome({ answered: false, ending, hungUpBy: 'system' })).toMatchObject({ result, fault });
  });

  it.each([
    ['hangup', 'caller', 'caller_hung_up'],
    ['hangup', 'buyer', 'buyer_hung_up'],
    ['max_duration', 'system', 'max_duration'],
    ['session_expired', 'system', 'session_expired'],
    ['node_restarted', 'system', 'node_restarted'],
  ] as [CallEnding, 'caller' | 'buyer' | 'system', string][])(
    'an answered call is completed however it ended: %s by %s',
    (ending, hungUpBy, reason) => {
      const outcome = callOutcome({ answered: true, ending, hungUpBy, sipStatus: 486 });
      expect(outcome).toMatchObject({ result: 'completed', reason });
    },
  );
});
