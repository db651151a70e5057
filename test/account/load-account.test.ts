import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AccountFileError, loadAccount, parseAccount } from '../../src/account/load-account.ts';

const example = readFileSync('account.example.yaml', 'utf8');

/** The message for the example with this changed in it. */
function problemsAfter(search: string, replacement: string): string {
  expect(example).toContain(search);
  try {
    parseAccount(example.replace(search, replacement), 'account.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(AccountFileError);
    return (error as Error).message;
  }
  throw new Error('the file was accepted');
}

describe('account file', () => {
  it('loads the example as it stands', () => {
    const account = loadAccount('account.example.yaml');
    expect(account.buyers.map((buyer) => [buyer.id, buyer.ringTimeoutSeconds])).toEqual([
      ['acme', 20],
      ['bestco', 30],
    ]);
    expect(account.campaigns[0]?.conversionGroups.map((group) => group.kind)).toEqual(['posted_revenue', 'trigger']);
    expect(account.campaigns[0]?.conversionGroups[0]?.matches).toEqual([
      { name: 'system_buyer_id', operator: '==', value: 'acme' },
    ]);
  });

  it.each([
    [
      'a number that is no E.164',
      '"+18005550100"',
      '"8005550100"',
      'line 59, numbers[0].number: write the number in E.164',
    ],
    ['a modifier without operator', '"*0.8"', '"0.8"', 'line 38, campaigns[0].conversion_groups[0].payout_modifier: '],
    [
      'a reference to nobody',
      'buyer: bestco',
      'buyer: nobody',
      'there is no buyer "nobody": add it, or write one of: acme, bestco',
    ],
    [
      'an id used twice',
      'id: bestco\n',
      'id: acme\n',
      'line 22, buyers[1].id: "acme" stands already at position 1 of buyers',
    ],
    [
      'an address that is none',
      '[127.0.0.1]',
      '[carrier.example]',
      'write an IP address or a block like 203.0.113.0/24',
    ],
    ['a token in the host', 'https://radio.example/', 'https://[tag]/', 'the URL has a token in scheme, host or port'],
    [
      'the key for a webhook nobody trusts',
      'trusted: true',
      'trusted: false',
      '[call_key] is only for a trusted webhook',
    ],
    [
      'tags from an answer that comes too late for them',
      'trusted: true',
      'answer: { tags: { a: b } }',
      'webhooks[0].answer: only a webhook for start or selected can take tags from the answer',
    ],
    [
      'an answer that lets the caller wait for long',
      'trusted: true',
      'answer: { tags: { a: b }, within_ms: 10000 }',
      'webhooks[0].answer.within_ms: write 3000 ms or less: the caller waits',
    ],
    [
      'a tag that is ours',
      'trusted: true',
      'answer: { tags: { system_buyer_id: b } }',
      '"system_buyer_id" cannot be a tag',
    ],
    [
      'an answer without tags',
      'trusted: true',
      'answer: { tags: {} }',
      'name at least one tag and the field it comes from',
    ],
    ['money with a thousands separator', 'revenue: 50.00', 'revenue: "1,000"', 'write a plain amount like 50.00'],
    ['a condition that is none', '"system_buyer_id==acme"', '"system_buyer_id"', 'conversion_groups[0].matches[0]: '],
    ['a misspelt setting', 'ring_timeout_seconds', 'ring_timeout', 'line 21, buyers[0].ring_timeout: is not a setting'],
    ['a text for a number', 'priority: 1', 'priority: one', 'line 30, campaigns[0].routes[0].priority: write a number'],
    [
      'a buyer twice in a ring',
      'buyer: acme,',
      'buyers: [acme, acme],',
      'routes[0].buyers: a buyer stands twice in this route',
    ],
    ['a missing list', 'numbers:', 'phone_numbers:', 'numbers: is missing: add a list'],
  ])('refuses %s with line, path and remedy', (_title, search, replacement, expected) => {
    expect(problemsAfter(search, replacement)).toContain(expected);
  });

  it('reports all problems at once, in the order of the lines', () => {
    const message = problemsAfter('{ buyer: acme, priority: 1 }', '{ buyer: acme, priority: one, weight: 0 }');
    expect(message).toMatch(/has 2 problems:\n {2}line 30, .*\n {2}line 30, /);
  });

  it('points at broken YAML', () => {
    expect(() => parseAccount('a: [', 'account.yaml')).toThrow(/account\.yaml, .* line 1/);
  });

  it('shows no line of broken YAML: a password may stand in it', () => {
    expect(() => parseAccount('carriers:\n  - login: { password: hunter2', 'account.yaml')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });

  it('names the setting when the file is not there', () => {
    expect(() => loadAccount('no-such-file.yaml')).toThrow(
      'no-such-file.yaml cannot be read (ENOENT): set ACCOUNT_FILE',
    );
  });
});
