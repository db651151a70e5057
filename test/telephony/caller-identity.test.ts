import { describe, expect, it } from 'vitest';
import { identifyCaller } from '../../src/telephony/caller-identity.ts';
import { aCarrier } from '../support/account-builders.ts';
import { fakeInvite } from './fake-invite.ts';

const callerOf = (headers: Record<string, string>, changes: Parameters<typeof aCarrier>[1] = {}) =>
  identifyCaller(fakeInvite({ headers }), aCarrier('c', changes));

const PAI = '"Real Name" <sip:+15551110000@c>, <tel:+15551110000>';
const HIDDEN = {
  number: undefined,
  displayName: undefined,
  identity: undefined,
  isPrivate: true,
  from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
};

describe('who calls', () => {
  it.each([
    ['<sip:+15558675309@c>;tag=1', '+15558675309', undefined, '<sip:+15558675309@localhost>'],
    ['"Jenny" <sip:15558675309@c>;tag=1', '+15558675309', 'Jenny', '"Jenny" <sip:+15558675309@localhost>'],
    ['Jenny B <sip:+15558675309@c>;tag=1', '+15558675309', 'Jenny B', '"Jenny B" <sip:+15558675309@localhost>'],
    ['tel:+1-555-867-5309;tag=1', '+15558675309', undefined, '<sip:+15558675309@localhost>'],
    ['"Möwe" <sip:bob.lee@c>;tag=1', undefined, 'Möwe', '"Möwe" <sip:bob.lee@localhost>'],
    ['"a\\"b\\\\c" <sip:+15558675309@c>', '+15558675309', 'a"b\\c', '"a\\"b\\\\c" <sip:+15558675309@localhost>'],
    ['<sip:carrier.example>;tag=1', undefined, undefined, '"Anonymous" <sip:anonymous@anonymous.invalid>'],
  ])('%s', (from, number, displayName, shown) => {
    expect(callerOf({ from })).toMatchObject({ number, displayName, from: shown, isPrivate: false });
  });

  it('never lets a name or a user part break out of its header', () => {
    const caller = callerOf({ from: '"x\r\nEvil: 1\u0000" <sip:a"\r\nX y@c>;tag=1' });
    expect(caller.from).toBe('"x Evil: 1" <sip:aXy@localhost>');
    expect(callerOf({ from: `"${'n'.repeat(500)}" <sip:a@c>` }).displayName).toHaveLength(80);
  });

  it('believes P-Asserted-Identity of a carrier that is trusted with it, and of no other (RFC 3325 §5)', () => {
    const headers = { from: '"Me" <sip:+15558675309@c>', 'p-asserted-identity': PAI };
    expect(callerOf(headers)).toMatchObject({ number: '+15558675309', displayName: 'Me' });
    const trusted = { callerNumberFrom: 'p_asserted_identity' } as const;
    expect(callerOf(headers, trusted)).toMatchObject({ number: '+15551110000', displayName: 'Real Name' });
    expect(callerOf({ from: '<sip:+15558675309@c>' }, trusted)).toMatchObject({ number: '+15558675309' });
    const telSecond = { ...headers, 'p-asserted-identity': '<sip:alice@c>, <tel:+15551110000>' };
    expect(callerOf(telSecond, trusted).number).toBe('+15551110000');
  });

  it.each([
    [{ privacy: 'id' }],
    [{ privacy: 'ID;critical' }],
    [{ privacy: 'header, user' }],
    [{ privacy: 'user' }],
    [{ from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1' }],
    [{ from: '<sip:+15558675309@anonymous.invalid>;tag=1' }],
    [{ from: '<sip:Restricted@c>;tag=1' }],
    [{ from: 'sip:withheld@c' }],
  ])('keeps a caller hidden: %j (RFC 3323, RFC 3325 §9.3)', (headers) => {
    expect(callerOf({ from: '"Me" <sip:+15558675309@c>', identity: 'a.b.c', ...headers })).toMatchObject(HIDDEN);
  });

  it.each([
    [{ privacy: 'none' }],
    [{ privacy: 'session' }],
    [{ privacy: 'none', from: '<sip:+15558675309@anonymous.invalid>' }],
    [{}],
  ])('shows a caller: %j', (headers) => {
    expect(callerOf(headers)).toMatchObject({ number: '+15558675309', isPrivate: false });
  });

  it('keeps the number of a hidden caller for a trusted gateway only', () => {
    const headers = { from: '<sip:anonymous@anonymous.invalid>', privacy: 'id', 'p-asserted-identity': PAI };
    expect(callerOf(headers, { callerNumberFrom: 'p_asserted_identity' })).toMatchObject({
      ...HIDDEN,
      hiddenNumber: '+15551110000',
    });
    expect(callerOf(headers)).toMatchObject({ hiddenNumber: undefined });
  });

  it('keeps the Identity header (RFC 8224)', () => {
    expect(callerOf({ identity: 'a.b.c;info=<https://c/x>' }).identity).toBe('a.b.c;info=<https://c/x>');
  });
});
