import { expect, it } from 'vitest';
import { countsAsRepeat } from '../../../src/domain/caller-number.ts';

const shared = new Set(['+18005550111']);

it.each([
  ['+15558675309', true],
  ['+442071838750', true],
  ['+12222223', true],
  [undefined, false],
  ['+18005550111', false],
  ['+266696687', false],
  ['+1266696687', false],
  ['+17378742833', false],
  ['+86282452253', false],
  ['+8656696', false],
  ['+11111111111', false],
  ['+12222222222', false],
  ['+10000000', false],
  ['+1234567890', false],
  ['+11234567890', false],
])('two calls from %s may be one person: %s (semantics §6)', (number, expected) => {
  expect(countsAsRepeat(number, shared)).toBe(expected);
});
