import { beforeEach, describe, expect, it } from 'vitest';
import type { Request } from '../../src/store/sqlite/messages.ts';
import { RequestGate } from '../../src/store/sqlite/request-gate.ts';
import { idsOf, requestsNamed } from './requests.ts';

describe('what goes to the thread of the database', () => {
  let now: number;
  let gate: RequestGate;
  const push = (...requests: (readonly Request[])[]) => {
    for (const request of requests.flat()) gate.push(request);
  };
  const answer = (requests: readonly Request[]) => {
    for (const { id } of requests) gate.answered(id);
  };

  beforeEach(() => {
    now = 1_000;
    gate = new RequestGate(() => now);
    gate.know({ urgent: ['endCall'], patient: ['postback'], reading: [] });
  });

  it('is everything while no calls come in', () => {
    push(requestsNamed('postback', 500));
    expect(idsOf(gate.take())).toEqual(idsOf(requestsNamed('postback', 500)));
    expect(gate.waitMs).toBeUndefined();
  });

  it('is everything but the patient ones while calls come in, and three of these', () => {
    push(requestsNamed('postback', 10), requestsNamed('endCall', 200, 10), requestsNamed('claim', 200, 210));
    const taken = idsOf(gate.take());
    expect(taken).toEqual([...idsOf(requestsNamed('any', 400, 10)), 0, 1, 2]);
  });

  it('is none of the patient ones before those inside have been answered and five milliseconds are over', () => {
    push(requestsNamed('endCall', 1, 100), requestsNamed('postback', 10));
    const first = gate.take();
    now += 20;
    expect(gate.take()).toEqual([]);
    expect(gate.waitMs).toBeUndefined();
    answer(first);
    expect(gate.waitMs).toBe(0);
    answer(gate.take());
    now += 2;
    expect(gate.take()).toEqual([]);
    expect(gate.waitMs).toBe(3);
    now += 3;
    expect(idsOf(gate.take())).toEqual([6, 7, 8]);
  });

  it('does not hold back anything else while patient ones are inside', () => {
    push(requestsNamed('endCall', 1, 100), requestsNamed('postback', 10));
    gate.take();
    push(requestsNamed('endCall', 1, 101), requestsNamed('claim', 1, 102));
    expect(idsOf(gate.take())).toEqual([101, 102]);
  });

  it('is more of them the longer the first has waited', () => {
    push(requestsNamed('postback', 100), requestsNamed('endCall', 1, 100));
    now += 99;
    const first = gate.take();
    expect(first).toHaveLength(1 + 3);
    answer(first);
    now += 251;
    push(requestsNamed('endCall', 1, 101));
    expect(gate.take()).toHaveLength(1 + 12);
  });

  it('is everything again a tenth of a second after the last of a call', () => {
    push(requestsNamed('postback', 100), requestsNamed('endCall', 1, 100));
    gate.take();
    now += 100;
    expect(gate.take()).toHaveLength(97);
  });

  it('is everything when the store closes', () => {
    push(requestsNamed('postback', 10), requestsNamed('endCall', 1, 10));
    expect(idsOf(gate.takeAll())).toEqual([10, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(gate.take()).toEqual([]);
  });
});
