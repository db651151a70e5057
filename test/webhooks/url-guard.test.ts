import { describe, expect, test } from 'vitest';
import { AddressRefused, UrlGuard } from '../../src/webhooks/url-guard.ts';

const IPV4_REFUSED = [
  '0.0.0.0',
  '0.0.0.1',
  '0.255.255.255',
  '10.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.0',
  '100.64.0.1',
  '100.100.100.200',
  '100.127.255.255',
  '127.0.0.0',
  '127.0.0.1',
  '127.0.0.53',
  '127.1.2.3',
  '127.255.255.254',
  '127.255.255.255',
  '168.63.129.16',
  '169.254.0.1',
  '169.254.169.123',
  '169.254.169.253',
  '169.254.169.254',
  '169.254.170.2',
  '169.254.255.255',
  '172.16.0.0',
  '172.16.0.1',
  '172.17.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.8',
  '192.0.0.170',
  '192.0.0.192',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.0.0',
  '192.168.0.1',
  '192.168.1.1',
  '192.168.255.255',
  '192.175.48.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '224.0.0.251',
  '239.255.255.250',
  '240.0.0.1',
  '254.255.255.255',
  '255.255.255.254',
  '255.255.255.255',
];

const IPV6_REFUSED = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  '::0001',
  '::127.0.0.1',
  '::7f00:1',
  '::10.0.0.1',
  '::a9fe:a9fe',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:7F00:0001',
  '0:0:0:0:0:ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  '::ffff:192.168.1.1',
  '::ffff:c0a8:101',
  '::ffff:172.16.0.1',
  '::ffff:100.64.0.1',
  '::ffff:0.0.0.0',
  '::ffff:255.255.255.255',
  '::ffff:0:127.0.0.1',
  '::ffff:0:7f00:1',
  '::ffff:0:a9fe:a9fe',
  '64:ff9b::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::a00:1',
  '100::1',
  '2001::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  '2001:1::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:7f00:1::1',
  '2002:a00:1::',
  '2002:a9fe:a9fe::',
  '2002:c0a8:101::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  '8000::1',
  'fc00::1',
  'fc00:ffff::1',
  'fd00::1',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fdff:ffff::1',
  'fe80::1',
  'fe80::a9fe:a9fe',
  'febf::1',
  'fec0::1',
  'fec0:0:0:ffff::1',
  'ff01::1',
  'ff02::1',
  'ff02::fb',
  'ff0e::1',
];

/** The same hosts as a URL may spell them; the URL parser reads them as addresses (WHATWG URL §3.5). */
const URLS_REFUSED = [
  'https://127.0.0.1/',
  'https://127.1/',
  'https://127.0.1/',
  'https://127/',
  'https://0/',
  'https://0x0/',
  'https://00000000/',
  'https://127.0.0.1./',
  'https://127.000.000.001/',
  'https://0177.0.0.1/',
  'https://0177.0000.0000.0001/',
  'https://0177.1/',
  'https://017700000001/',
  'https://2130706433/',
  'https://2130706433./',
  'https://0x7f000001/',
  'https://0X7F000001/',
  'https://0x7f.1/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://0x7F.0.0.01/',
  'https://0x00000000007f000001/',
  'https://127.0.0.1:8443/',
  'https://user@127.0.0.1/',
  'https://example.com@127.0.0.1/',
  'https://user:example.com@127.0.0.1/',
  'https:127.0.0.1',
  'https:/127.0.0.1/',
  'https:///127.0.0.1/',
  'https:\\\\127.0.0.1\\',
  'https://127.0.0.1\\@example.com/',
  'https://127.0.0.1#@example.com/',
  'https://127.0.0.1?@example.com/',
  ' https://127.0.0.1/ ',
  'ht\ntps://127.0.0.1/',
  'https://127.0\t.0.1/',
  'https://%31%32%37.0.0.1/',
  'https://127%2e0%2e0%2e1/',
  'https://127。0。0。1/',
  'https://127．0．0．1/',
  'https://１２７.0.0.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://⑯⑨。②⑤④。⑯⑨｡②⑤④/',
  'https://10.0.0.1/',
  'https://10.1/',
  'https://167772161/',
  'https://012.1/',
  'https://0xa.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://169.254.43518/',
  'https://169.16689662/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0xA9.0xFE.0xA9.0xFE/',
  'https://0251.0376.0251.0376/',
  'https://025177524776/',
  'https://169.254.0251.0376/',
  'https://0251.254.169.254/',
  'https://172.16.0.1/',
  'https://172.1048577/',
  'https://0xac100001/',
  'https://192.168.1.1/',
  'https://192.168.257/',
  'https://192.11010305/',
  'https://3232235777/',
  'https://0xc0.0xa8.1.1/',
  'https://0300.0250.1.1/',
  'https://100.64.0.1/',
  'https://1681915905/',
  'https://[::1]/',
  'https://[::1]:8443/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[0000::1]/',
  'https://[::]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::FFFF:7F00:1]/',
  'https://[0:0:0:0:0:ffff:7f00:1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[fd00:ec2::254]/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[ff02::1]/',
  'ftp://93.184.216.34/',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'ws://127.0.0.1/',
  'data:text/plain,hello',
  'javascript:alert(1)',
  'http://93.184.216.34/',
];

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
