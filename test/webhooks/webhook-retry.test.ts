import { describe, expect, test } from 'vitest';
import { nextStep, type TryResult } from '../../src/domain/webhook-retry.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function step(result: TryResult, { trigger = 'converted', tries = 1, random = 0.5 } = {}) {
  return nextStep({ trigger, tries, result, now: NOW, random: () => random });
}

describe('which results are tried again (semantics §8)', () => {
  test.each([200, 201, 202, 204, 299])('%i is delivered', (httpStatus) => {
    expect(step({ httpStatus })).toEqual({ state: 'delivered' });
  });
  test.each([408, 425, 429, 500, 502, 503, 504, 599])('%i is tried again', (httpStatus) => {
    expect(step({ httpStatus })).toEqual({ state: 'due', dueAt: NOW + 5_000 });
  });
  test.each([301, 302, 304, 307, 400, 401, 403, 404, 405, 409, 422])('%i is not', (httpStatus) => {
    expect(step({ httpStatus })).toEqual({ state: 'dead', gone: false });
  });
  test('410 says that the endpoint wants nothing more', () => {
    expect(step({ httpStatus: 410 })).toEqual({ state: 'dead', gone: true });
  });
  test('a failure of the network is tried again, a refused address is not', () => {
    expect(step({})).toMatchObject({ state: 'due' });
    expect(step({ hopeless: true })).toEqual({ state: 'dead', gone: false });
  });
});

describe('when', () => {
  test.each([
    [1, 5_000],
    [2, 5 * MINUTE],
    [3, 30 * MINUTE],
    [4, 2 * HOUR],
    [5, 5 * HOUR],
    [6, 10 * HOUR],
    [7, 10 * HOUR],
  ])('after try %i: %i ms, a tenth more or less', (tries, wait) => {
    expect(step({ httpStatus: 500 }, { tries })).toEqual({ state: 'due', dueAt: NOW + wait });
    expect(step({ httpStatus: 500 }, { tries, random: 0 })).toEqual({ state: 'due', dueAt: NOW + wait * 0.9 });
    expect(step({ httpStatus: 500 }, { tries, random: 1 - 2 ** -53 })).toEqual({
      state: 'due',
      dueAt: NOW + wait * 1.1,
    });
  });
  test('the eighth is the last', () => {
    expect(step({ httpStatus: 500 }, { tries: 8 })).toEqual({ state: 'dead', gone: false });
  });
  test.each(['start', 'selected', 'answered', 'attempt_failed', 'no_buyer'])('%s: one quick retry', (trigger) => {
    expect(step({ httpStatus: 500 }, { trigger })).toEqual({ state: 'due', dueAt: NOW + 1_000 });
    expect(step({ httpStatus: 500 }, { trigger, tries: 2 })).toEqual({ state: 'dead', gone: false });
  });
});

describe('Retry-After is honoured, bounded', () => {
  test.each([
    ['120', 120_000],
    ['2', 5_000],
    ['0', 5_000],
    ['Sun, 01 Mar 2026 12:10:00 GMT', 10 * MINUTE],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 5_000],
    ['999999999', 12 * HOUR],
    ['-5', 5_000],
    ['soon', 5_000],
    ['', 5_000],
  ])('%j', (retryAfter, wait) => {
    expect(step({ httpStatus: 429, retryAfter })).toEqual({ state: 'due', dueAt: NOW + wait });
  });
  test('within a call it may not ask for more than 5 s', () => {
    expect(step({ httpStatus: 503, retryAfter: '60' }, { trigger: 'answered' })).toEqual({
      state: 'due',
      dueAt: NOW + 5_000,
    });
  });
});
