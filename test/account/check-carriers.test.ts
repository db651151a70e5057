import { expect, it } from 'vitest';
import { checkCarriers } from '../../src/account/check-carriers.ts';
import type { Carrier } from '../../src/domain/carrier.ts';
import { aCarrier, anAccount } from '../support/account-builders.ts';

const login = (username: string) => ({ username, password: 'p', algorithm: 'MD5' as const });
type Changes = Partial<Carrier>;

function problemsOf(first: Changes, second: Changes): string[] {
  const carriers = [aCarrier('first', first), aCarrier('second', second)];
  return checkCarriers(anAccount({ carriers })).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

it.each<[string, Changes, Changes]>([
  ['the same address', { addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.1'] }],
  ['the same address, written otherwise', { addresses: ['2001:db8::1'] }, { addresses: ['2001:DB8:0::1'] }],
  ['the same block', { addresses: ['10.0.0.0/8'] }, { addresses: ['10.9.9.9/8'] }],
  ['IPv4 written as IPv6', { addresses: ['10.0.0.1'] }, { addresses: ['::ffff:10.0.0.1'] }],
  ['one of them without a login', { login: login('a') }, {}],
  ['some transport in common', { transports: ['udp', 'tcp'] }, { transports: ['tcp', 'tls'] }],
])('two carriers nobody could tell apart are refused: %s', (_title, first, second) => {
  expect(problemsOf(first, second)).toEqual([
    expect.stringMatching(
      /^carriers\.1\.addresses\.0: .* is an address of carrier "first" too: remove one of them, or/,
    ),
  ]);
});

it.each<[string, Changes, Changes]>([
  ['other addresses', { addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
  ['a smaller block', { addresses: ['10.0.0.0/8'] }, { addresses: ['10.1.0.0/16'] }],
  ['logins', { login: login('a') }, { login: login('b') }],
  ['transports', { transports: ['udp'] }, { transports: ['tls'] }],
])('carriers may be told apart by %s', (_title, first, second) => {
  expect(problemsOf(first, second)).toEqual([]);
});

it('a user name belongs to one carrier, wherever it calls from', () => {
  const problems = problemsOf({ login: login('a') }, { addresses: ['10.0.0.9'], login: login('a') });
  expect(problems).toEqual([
    'carriers.1.login.username: is the user name of carrier "first" too: give each carrier its own',
  ]);
});

it('an address twice in one list is refused', () => {
  expect(problemsOf({ addresses: ['10.0.0.1', '10.0.0.1/32'] }, { addresses: ['10.0.0.2'] })).toEqual([
    'carriers.0.addresses.1: 10.0.0.1/32 stands in this list already: remove one',
  ]);
});
