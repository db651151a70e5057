import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialTemplateErrors, fillHeader, fillUri } from '../../../src/domain/dial-template.ts';
import { tagValues } from '../../../src/domain/tag-match.ts';

const tokens = (fixed: Record<string, string>, tags: Record<string, string> = {}) => ({
  fixed,
  tags: tagValues(Object.entries(tags).map(([name, value]) => ({ name, value }))),
});

describe('tokens of a destination', () => {
  it.each([
    ['sip:[caller_number]@h', { caller_number: '+15551234567' }, 'sip:+15551234567@h'],
    ['sip:[caller_number]@h', { caller_number: 'a b@c;d?e"ü' }, 'sip:a%20b%40c%3Bd%3Fe%22%C3%BC@h'],
    ['sip:x-[nobody]@h', {}, 'sip:x-@h'],
    ['sip:[fe80::1]:5060', {}, 'sip:[fe80::1]:5060'],
    ['sip:[a]@[fe80::1]', { a: '[b]', b: 'no' }, 'sip:%5Bb%5D@[fe80::1]'],
  ])('%s is filled', (uri, fixed, expected) => {
    expect(fillUri(uri, tokens(fixed))).toBe(expected);
  });

  it('a fixed name goes before a tag of that name; values are never expanded again', () => {
    expect(
      fillHeader('[campaign_id] [state]', tokens({ campaign_id: '[state]' }, { campaign_id: 'evil', state: 'CA' })),
    ).toBe('[state] CA');
  });

  it('whatever the value, the user part stays one (RFC 3261 §25.1)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const uri = fillUri('sip:[x]@host', tokens({ x: value }));
        expect(uri).toMatch(/^sip:[A-Za-z0-9\-_.!~*'()&=+$,/%]*@host$/);
        expect(decodeURIComponent(uri.slice(4, -5))).toBe(value.toWellFormed());
      }),
    );
  });

  it.each([
    [{ uri: 'sip:a@[tag]', headers: {} }, /outside its user part/],
    [{ uri: 'sip:[call_key]@h', headers: {} }, /\[call_key\] has no place here/],
    [{ uri: 'sip:a@h', headers: { 'X-K': '[call_key]' } }, /\[call_key\]/],
    [{ uri: 'sip:a@h', headers: { 'x-ph-retreaverkey': 'x' } }, /x-ph-retreaverkey is set by the service/],
    [{ uri: 'sip:a@h', headers: { Via: 'x' } }, /Via is set by/],
    [{ uri: 'sip:a@h', headers: { 'X-A': 'a\r\nVia: b' } }, /line break/],
  ])('%j is refused with the reason', (destination, reason) => {
    expect(dialTemplateErrors(destination).join()).toMatch(reason);
  });

  it('addresses of IPv6 hosts and plain headers are fine', () => {
    expect(
      dialTemplateErrors({ uri: 'sip:[state]@[fe80::1]:5060', headers: { 'X-Campaign': '[campaign_id]' } }),
    ).toEqual([]);
  });
});
