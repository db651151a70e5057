import { describe, expect, it } from 'vitest';
import { parseAccount } from '../../src/account/load-account.ts';
import { AccountDirectory } from '../../src/telephony/account-directory.ts';
import { CarrierLimits } from '../../src/telephony/admission/carrier-limits.ts';
import { DigestLogins } from '../../src/telephony/admission/digest-logins.ts';
import { OwnCallIds } from '../../src/telephony/admission/own-call-ids.ts';
import { type Admission, admitInvite } from '../../src/telephony/admit-invite.ts';
import { type FakeInvite, fakeInvite } from './fake-invite.ts';

function directoryOf(carriers: string): AccountDirectory {
  return new AccountDirectory(
    parseAccount(
      `
carriers: ${carriers}
publishers: [{ id: radio, name: Radio, tags: { channel: radio } }]
buyers: [{ id: acme, name: Acme, destinations: ["sip:a@192.0.2.1"] }]
campaigns: [{ id: auto, name: Auto, routes: [{ buyer: acme }], tags: { line: [x, y] } }]
numbers:
  - { number: "+18005550100", campaign: auto, publisher: radio, tags: { state: CA } }
  - { number: "+493012345678", campaign: auto }
`,
      'test',
    ),
  );
}

const directory = directoryOf(`
  - { id: one, name: One, addresses: [198.51.100.7, "2001:db8::7"] }
  - { id: block, name: Block, addresses: [203.0.113.0/24, "2001:db8:1::/48"] }
  - { id: part, name: Part, addresses: [203.0.113.16/28, "2001:db8:1:2::/64"] }
  - { id: host, name: Host, addresses: [203.0.113.17], transports: [tcp, tls] }
  - { id: mapped, name: Mapped, addresses: ["::ffff:192.0.2.0/120"] }`);

/** Judges it by this account; nothing else is in the way unless changed. */
function admit(invite: FakeInvite = {}, changes: Partial<Admission> = {}) {
  return admitInvite(fakeInvite(invite), {
    directory,
    draining: false,
    logins: new DigestLogins('secret', () => 0),
    limits: new CarrierLimits(
      () => 0,
      () => 0,
    ),
    ownCallIds: new OwnCallIds(),
    ...changes,
  });
}

describe('admission of an INVITE (semantics §1.1, §7)', () => {
  it('takes a known number from a known carrier, with the tags of number, publisher and campaign', () => {
    expect(admit()).toMatchObject({
      kind: 'admitted',
      carrier: { id: 'one' },
      campaign: { id: 'auto' },
      publisher: { id: 'radio' },
      caller: { number: '+15558675309', from: '<sip:+15558675309@localhost>' },
      maxForwards: 69,
      tags: [
        { name: 'state', value: 'CA', source: 'number' },
        { name: 'channel', value: 'radio', source: 'publisher' },
        { name: 'line', value: 'x', source: 'campaign' },
        { name: 'line', value: 'y', source: 'campaign' },
      ],
    });
  });

  it.each([
    ['203.0.113.255', 'block'],
    ['::ffff:203.0.113.1', 'block'],
    ['203.0.113.16', 'part'],
    ['203.0.113.31', 'part'],
    ['203.0.113.32', 'block'],
    ['198.51.100.7', 'one'],
    ['::ffff:198.51.100.7', 'one'],
    ['2001:db8:0:0::7', 'one'],
    ['2001:db8:1::1', 'block'],
    ['2001:db8:1:2::1', 'part'],
    ['2001:0DB8:1:2::1%eth0', 'part'],
    ['192.0.2.255', 'mapped'],
  ])('knows the carrier at %s: the most specific block', (source, id) => {
    expect(admit({ source })).toMatchObject({ kind: 'admitted', carrier: { id } });
  });

  it.each([
    ['udp', { kind: 'refused', sipStatus: 403, cause: 'wrong_transport' }],
    ['tcp', { kind: 'admitted', carrier: { id: 'host' } }],
    ['tls', { kind: 'admitted', carrier: { id: 'host' } }],
  ])('lets a carrier call only by its transports: %s', (protocol, expected) => {
    expect(admit({ source: '203.0.113.17', protocol })).toMatchObject(expected);
  });

  it.each([['+18005550100'], ['18005550100'], ['%2B18005550100'], ['+1-800-555-0100'], ['18005550100;npdi']])(
    'finds the number dialled as %s',
    (user) => {
      for (const uri of [`sip:${user}@bridge:5060;user=phone`, `sips:${user}@bridge`, `tel:${user}`]) {
        expect(admit({ uri }).kind).toBe('admitted');
      }
    },
  );

  it.each([
    ['an unknown source', { source: '192.0.1.99' }, 403, 'unknown_carrier'],
    ['a source that is no address', { source: 'x' }, 403, 'unknown_carrier'],
    ['an unknown number', { uri: 'sip:+18005550101@bridge' }, 404, 'unknown_number'],
    ['no user part', { uri: 'sip:bridge' }, 404, 'unknown_number'],
    ['no number at all', { uri: 'sip:100@bridge' }, 404, 'unknown_number'],
    ['no hops left', { headers: { 'max-forwards': '0' } }, 483, 'too_many_hops'],
    ['nonsense for hops', { headers: { 'max-forwards': 'x' } }, 483, 'too_many_hops'],
  ])('refuses %s', (_title, invite, sipStatus, cause) => {
    expect(admit(invite)).toMatchObject({ kind: 'refused', sipStatus, cause });
  });

  it('answers 503 with Retry-After while draining, but tells strangers nothing', () => {
    expect(admit({}, { draining: true })).toMatchObject({ sipStatus: 503, retryAfterSeconds: 30, carrierId: 'one' });
    expect(admit({ source: '192.0.1.99' }, { draining: true })).toMatchObject({ sipStatus: 403 });
  });

  it('knows its own INVITE when it comes back', () => {
    const ownCallIds = new OwnCallIds();
    ownCallIds.add('ours');
    const refused = { sipStatus: 482, cause: 'loop' };
    expect(admit({ headers: { 'call-id': 'ours' } }, { ownCallIds })).toMatchObject(refused);
    expect(admit({ headers: { 'call-id': 'theirs' } }, { ownCallIds }).kind).toBe('admitted');
  });
});

describe('where the dialled number stands', () => {
  const from = (place: string, more = '') =>
    directoryOf(`[{ id: c, name: C, addresses: [198.51.100.7], dialed_number_from: ${place}${more} }]`);

  it.each<[string, FakeInvite]>([
    ['to', { uri: 'sip:line@bridge', headers: { to: '"Sales" <sip:+18005550100@c>' } }],
    ['to', { headers: { to: 'tel:+1-800-555-0100' } }],
    [
      'Diversion',
      { headers: { diversion: '"a, b" <sip:+18005550100@c;x=1>;reason=unconditional, <sip:+18005550999@c>' } },
    ],
    ['P-Called-Party-ID', { headers: { 'P-Called-Party-ID': '<sip:+18005550100;npdi@c>' } }],
    ['X-Did', { headers: { 'x-did': '18005550100' } }],
    ['X-Did', { headers: { 'x-did': 'sip:18005550100@c;user=phone' } }],
  ])('%s: %j', (place, invite) => {
    expect(admit({ uri: 'sip:line@b', ...invite }, { directory: from(place) })).toMatchObject({
      number: { number: '+18005550100' },
    });
  });

  it('is not looked for anywhere else', () => {
    expect(admit({}, { directory: from('Diversion') })).toMatchObject({ sipStatus: 404 });
  });

  it.each([
    ['US', '8005550100', '+18005550100'],
    ['US', '18005550100', '+18005550100'],
    ['US', '01149301234 5678', '+493012345678'],
    ['DE', '03012345678', '+493012345678'],
    ['DE', '004930-12345678', '+493012345678'],
    ['DE', '4930 12345678', '+493012345678'],
    ['DE', '+18005550100', '+18005550100'],
    ['DE', '30 12345678;phone-context=+49', '+493012345678'],
  ])('a carrier in %s that sends %s means %s', (country, dialled, number) => {
    const uri = `sip:${dialled.replaceAll(' ', '')}@b`;
    expect(admit({ uri }, { directory: from('request_uri', `, country: ${country}`) })).toMatchObject({
      number: { number },
    });
  });

  it('gives the caller in E.164 too', () => {
    const headers = { from: '<sip:030-99999999@c>;tag=1' };
    expect(admit({ headers }, { directory: from('request_uri', ', country: DE') })).toMatchObject({
      caller: { number: '+493099999999', from: '<sip:+493099999999@localhost>' },
    });
  });
});

describe('limits of a carrier', () => {
  const limited = (setting: string) =>
    directoryOf(
      `[{ id: c, name: C, addresses: [198.51.100.7], ${setting} }, { id: d, name: D, addresses: [198.51.100.8] }]`,
    );

  it('answers 503 above its concurrent calls, to it alone', () => {
    const live = new Map([['c', 1]]);
    const limits = new CarrierLimits(
      (id) => live.get(id) ?? 0,
      () => 0,
    );
    const context = { directory: limited('max_concurrent_calls: 2'), limits };
    expect(admit({}, context).kind).toBe('admitted');
    live.set('c', 2);
    expect(admit({}, context)).toMatchObject({ sipStatus: 503, cause: 'too_many_calls', retryAfterSeconds: 5 });
    expect(admit({ source: '198.51.100.8' }, context).kind).toBe('admitted');
    live.set('c', 1);
    expect(admit({}, context).kind).toBe('admitted');
  });

  it('answers 503 above its calls per second; refused calls do not count', () => {
    let now = 0;
    const limits = new CarrierLimits(
      () => 0,
      () => now,
    );
    const context = { directory: limited('max_calls_per_second: 2'), limits };
    for (let n = 0; n < 5; n += 1)
      expect(admit({ uri: 'sip:+15550000000@b' }, context)).toMatchObject({ sipStatus: 404 });
    const at = (ms: number) => {
      now = ms;
      return admit({}, context).kind === 'admitted';
    };
    expect([0, 0, 0, 400, 500, 501, 2000, 2000, 2000].map(at)).toEqual([
      ...[true, true, false, false, true, false],
      ...[true, true, false],
    ]);
    expect(admit({}, context)).toMatchObject({ sipStatus: 503, cause: 'calls_too_fast', retryAfterSeconds: 1 });
  });

  it('takes a changed limit at once', () => {
    const limits = new CarrierLimits(
      () => 0,
      () => 0,
    );
    const one = { directory: limited('max_calls_per_second: 1'), limits };
    expect([admit({}, one).kind, admit({}, one).kind]).toEqual(['admitted', 'refused']);
    expect(admit({}, { directory: limited('max_calls_per_second: 5'), limits }).kind).toBe('admitted');
  });
});
