import { expect, it } from 'vitest';
import { accountChanges } from '../../src/account/account-changes.ts';
import { expectedSources } from '../../src/account/expected-sources.ts';
import { aBuyer, aCarrier, aDestination, aGateway, anAccount } from '../support/account-builders.ts';

it('counts what is new, changed and gone, by kind', () => {
  const before = anAccount({ carriers: [aCarrier('a'), aCarrier('b'), aCarrier('c')], buyers: [aBuyer('x')] });
  const carriers = [aCarrier('a'), aCarrier('b', { name: 'B' }), aCarrier('d'), aCarrier('e')];
  expect(accountChanges(before, { ...before, carriers })).toEqual({ carriers: { added: 2, changed: 1, removed: 1 } });
  expect(accountChanges(before, before)).toEqual({});
});

it('the engine expects carriers, and buyers and gateways that are given by address', () => {
  const account = anAccount({
    carriers: [
      aCarrier('a', { addresses: ['203.0.113.0/24', '::ffff:10.0.0.0/104', '::ffff:192.0.2.1', '2001:DB8::/32'] }),
    ],
    buyers: [
      aBuyer('x', { destinations: [aDestination('sip:a@198.51.100.1:5060'), aDestination('sip:a@buyer.example')] }),
    ],
    gateways: [aGateway('g', { uri: 'sip:[2001:db8::9]' })],
  });
  const networks = ['203.0.113.0/24', '10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '2001:db8::9', '198.51.100.1'];
  expect(expectedSources(account, 'silence')).toEqual({ networks, others: 'ignore' });
  expect(expectedSources(account, 'refuse')).toEqual({ networks, others: 'answer' });
  const login = { username: 'u', password: 'p', algorithm: 'MD5' } as const;
  const roaming = { ...account, carriers: [...account.carriers, aCarrier('r', { addresses: [], login })] };
  expect(expectedSources(roaming, 'silence').others).toBe('answer');
});
