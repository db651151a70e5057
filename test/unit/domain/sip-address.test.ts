import { describe, expect, it } from 'vitest';
import { leadsToUs } from '../../../src/domain/own-address.ts';
import { firstAddress, hostOfUri, userOfUri } from '../../../src/domain/sip-address.ts';

describe('the first address of a header (RFC 3261 §20.10)', () => {
  it.each([
    ['"A \\"B\\" <c>, d" <sip:a@h;x=1>;tag=1', 'A "B" <c>, d', 'sip:a@h;x=1'],
    ['  Alice  Smith  <sip:a@h> , <sip:b@h>', 'Alice  Smith', 'sip:a@h'],
    ['<sip:a@h>', undefined, 'sip:a@h'],
    ['""<sip:a@h>', undefined, 'sip:a@h'],
    ['sip:a@h;tag=1', undefined, 'sip:a@h'],
    ['tel:+1-800;phone-context=x, <sip:b@h>', undefined, 'tel:+1-800'],
  ])('%s', (value, displayName, uri) => {
    expect(firstAddress(value)).toEqual({ displayName, uri });
  });

  it.each([[''], ['   '], ['"never ends <sip:a@h'], ['"name only"'], [', <sip:a@h>']])('is not in "%s"', (value) => {
    expect(firstAddress(value)).toBeUndefined();
  });

  it('is found in time that grows with the length, whatever a peer sends', () => {
    const startedAt = performance.now();
    for (const piece of [' ', '"', '\\', '<', 'a ', '" <']) firstAddress(piece.repeat(60_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

it.each([
  ['sip:+1800@h', '+1800', 'h'],
  ['sips:a:secret@[2001:DB8::1]:5061;x', 'a', '2001:db8::1'],
  ['sip:a%40b;npdi@Host.Example:5060', 'a@b;npdi', 'host.example'],
  ['sip:a%4@h', 'a%4', 'h'],
  ['tel:+1-800;x=y', '+1-800;x=y', ''],
  ['sip:h;x', '', 'h'],
  ['http://h/', '', ''],
])('user and host of %s', (uri, user, host) => {
  expect([userOfUri(uri), hostOfUri(uri)]).toEqual([user, host]);
});

describe('an address of our own', () => {
  const own = { addresses: ['127.0.0.1', '198.51.100.1', '2001:db8::1'], ports: [5060, 5061] };

  it.each([
    ['sip:a@127.0.0.1', true],
    ['sip:a@localhost:5060', true],
    ['sip:[caller_number]@198.51.100.1:5060;transport=tcp', true],
    ['sips:a@198.51.100.1', true],
    ['sip:a@198.51.100.1;transport=tls', true],
    ['sip:a@[2001:db8:0::1]', true],
    ['sip:a@[::ffff:198.51.100.1]:5061', true],
    ['sip:a@127.0.0.1:5070', false],
    ['sip:a@198.51.100.2', false],
    ['sip:a@buyer.example', false],
    ['sip:127.0.0.1@buyer.example:5060', false],
  ])('%s: %s', (uri, expected) => {
    expect(leadsToUs(uri, own)).toBe(expected);
  });
});
