import { describe, expect, test } from 'vitest';
import { AddressRefused, UrlGuard } from '../../src/webhooks/url-guard.ts';
import { IPV4_REFUSED, IPV6_REFUSED, URLS_REFUSED } from './refused-addresses.ts';

const IPV4_PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '93.184.216.34',
  '100.63.255.255',
  '100.128.0.0',
];
const MORE_PUBLIC = [
  '126.255.255.255',
  '128.0.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '223.255.255.255',
];
const IPV6_PUBLIC = ['2606:4700:4700::1111', '2a00:1450:4001::200e', '::ffff:8.8.8.8'];

const guard = new UrlGuard([]);

describe('addresses that webhooks may not have (semantics §8)', () => {
  test.each([...IPV4_REFUSED, ...IPV6_REFUSED])('%s', (address) => {
    expect(() => guard.checkAddress(address, true)).toThrow(AddressRefused);
  });
  test.each(['', 'localhost', '1.2.3', '::g', 'fe80::1%'])('%j, which is no address', (text) => {
    expect(() => guard.checkAddress(text, true)).toThrow(AddressRefused);
  });
});

describe('spellings of them in URLs', () => {
  test.each(URLS_REFUSED)('%j', (text) => {
    expect(() => guard.checkUrl(new URL(text))).toThrow(AddressRefused);
  });
});

test('200 spellings and more are in these tables', () => {
  expect(new Set([...IPV4_REFUSED, ...IPV6_REFUSED, ...URLS_REFUSED]).size).toBeGreaterThanOrEqual(200);
});

describe('public addresses', () => {
  test.each([...IPV4_PUBLIC, ...MORE_PUBLIC, ...IPV6_PUBLIC])('%s is reached by https, not by http', (address) => {
    expect(() => guard.checkAddress(address, true)).not.toThrow();
    expect(() => guard.checkAddress(address, false)).toThrow(/only https/);
  });
});

describe('allowed networks', () => {
  const own = new UrlGuard(['10.1.0.0/16', '127.0.0.1', 'fd12::/16']);
  test.each(['10.1.0.1', '10.1.255.255', '127.0.0.1', '::ffff:10.1.2.3', '::ffff:127.0.0.1', 'fd12::5'])(
    '%s',
    (address) => {
      expect(() => own.checkAddress(address, false)).not.toThrow();
    },
  );
  test.each(['10.2.0.1', '127.0.0.2', 'fd13::1', '169.254.169.254', '::1'])('%s is not in them', (address) => {
    expect(() => own.checkAddress(address, true)).toThrow(AddressRefused);
  });
});

describe('names', () => {
  type Found = { address: string; family: number }[];

  function look(addresses: string[]): Promise<Found> {
    const resolve = ((_name: string, _options: unknown, done: (error: null, found: Found) => void) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never;
    return new Promise((resolved, reject) => {
      guard.lookup(true, resolve)('name.example', { all: true }, (error, found) =>
        error === null ? resolved(found as unknown as Found) : reject(error),
      );
    });
  }

  test('all addresses are handed on when all are public', async () => {
    expect(await look(['93.184.216.34', '2606:4700::1'])).toHaveLength(2);
  });
  test.each([[['127.0.0.1']], [['93.184.216.34', '10.0.0.1']], [['2606:4700::1', '::ffff:7f00:1']]])(
    '%j is refused',
    async (addresses) => {
      await expect(look(addresses)).rejects.toThrow(AddressRefused);
    },
  );
  test('no address at all is a failure', async () => {
    await expect(look([])).rejects.toThrow(/no address/);
  });
});
