import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { doubtfulTokens } from '../../src/account/doubtful-tokens.ts';
import { parseAccount } from '../../src/account/load-account.ts';

const example = readFileSync('account.example.yaml', 'utf8');
const withUrl = (url: string) =>
  parseAccount(example.replace('https://radio.example/sale?', `${url}&`), 'account.yaml');

it('nothing is doubtful about the example', () => {
  expect(doubtfulTokens(parseAccount(example, 'account.yaml'))).toEqual([]);
});

it('a misspelt token is, a tag of a number, publisher or campaign is not', () => {
  const account = withUrl('https://radio.example/sale?a=[caller_nunber]&b=[state]&c=[caller_number]');
  const [number, ...numbers] = account.numbers;
  const tagged = { ...account, numbers: [{ ...number!, tags: { state: ['CA'] } }, ...numbers] };
  expect(doubtfulTokens(tagged)).toEqual([{ webhookId: 'publisher-sale', tokens: ['caller_nunber'] }]);
});
