import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAccount } from '../../src/account/load-account.ts';

const example = readFileSync('account.example.yaml', 'utf8');

/** Loads the example with these opening hours for the first buyer. */
function withHours(...blocks: readonly string[]) {
  const lines = ['    opening_hours:', ...blocks.map((block) => `      - ${block}`)].join('\n');
  return parseAccount(example.replace('    ring_timeout_seconds: 20', lines), 'account.yaml').buyers[0];
}

describe('opening hours in the account file', () => {
  it('are read; a block may go on over midnight, and touch the next one', () => {
    const buyer = withHours(
      '{ days: [mon, sun], from: "22:00", to: "06:00" }',
      '{ days: [mon], from: "06:00", to: "12:00" }',
    );
    expect(buyer?.openingHours).toEqual([
      { days: [1, 7], fromMinute: 1320, toMinute: 360 },
      { days: [1], fromMinute: 360, toMinute: 720 },
    ]);
  });

  it.each([
    [
      'two blocks of one day',
      ['{ days: [mon, tue], from: "09:00", to: "12:00" }', '{ days: [tue], from: "11:00", to: "14:00" }'],
      'line 23, buyers[0].opening_hours[1]: overlaps block 1 of the list from Tue 11:00 to Tue 12:00: shorten or remove',
    ],
    [
      'a night and the morning after',
      ['{ days: [tue], from: "05:00", to: "09:00" }', '{ days: [mon], from: "22:00", to: "06:00" }'],
      'opening_hours[1]: overlaps block 1 of the list from Tue 05:00 to Tue 06:00',
    ],
    [
      "Sunday's night and Monday's morning",
      ['{ days: [sun], from: "22:00", to: "06:00" }', '{ days: [mon], from: "05:00", to: "09:00" }'],
      'opening_hours[1]: overlaps block 1 of the list from Mon 05:00 to Mon 06:00',
    ],
    ['the same block twice', ['{ from: "09:00", to: "12:00" }', '{ from: "09:00", to: "12:00" }'], 'overlaps block 1'],
    ['a day twice', ['{ days: [mon, mon], from: "09:00", to: "12:00" }'], 'opening_hours[0]: lists a day twice'],
    ['nothing', ['{ from: "09:00", to: "09:00" }'], 'begins and ends at the same time'],
    ['an hour that is none', ['{ from: "09:00", to: "25:00" }'], 'write a time like "09:00"'],
  ])('refuses %s', (_, blocks, message) => {
    expect(() => withHours(...blocks)).toThrow(message);
  });
});
