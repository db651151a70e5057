import { describe, expect, it } from 'vitest';
import { parseAccount } from '../../src/account/load-account.ts';
import { AccountDirectory } from '../../src/telephony/account-directory.ts';
import { admitInvite } from '../../src/telephony/admit-invite.ts';
import type { InviteRequest } from '../../src/telephony/srf.ts';

const account = parseAccount(
  `
carriers:
  - { id: one, name: One, addresses: [198.51.100.7, "2001:db8::7"] }
  - { id: block, name: Block, addresses: [203.0.113.0/24] }
publishers: [{ id: radio, name: Radio, tags: { channel: radio } }]
buyers: [{ id: acme, name: Acme, destinations: ["sip:a@192.0.2.1"] }]
campaigns: [{ id: auto, name: Auto, routes: [{ buyer: acme }], tags: { line: [x, y] } }]
numbers: [{ number: "+18005550100", campaign: auto, publisher: radio, tags: { state: CA } }]
`,
  'test',
);
const directory = new AccountDirectory(account);

function invite(
  changes: Partial<Record<'uri' | 'source', string>> = {},
  headers: Record<string, string> = {},
): InviteRequest {
  const all: Record<string, string> = { from: '<sip:+15558675309@c>;tag=1', contact: '<sip:c@c>', ...headers };
  return {
    uri: changes.uri ?? 'sip:+18005550100@bridge',
    source_address: changes.source ?? '198.51.100.7',
    get: (name: string) => all[name],
    has: (name: string) => all[name] !== undefined,
  } as unknown as InviteRequest;
}

describe('admission of an INVITE (semantics §1.1, §7)', () => {
  it('takes a known number from a known carrier, with the tags of number, publisher and campaign', () => {
    expect(admitInvite(invite(), directory, false)).toMatchObject({
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
    ['::ffff:198.51.100.7', 'one'],
    ['2001:db8:0:0::7', 'one'],
  ])('knows the carrier at %s', (source, id) => {
    expect(admitInvite(invite({ source }), directory, false)).toMatchObject({ kind: 'admitted', carrier: { id } });
  });

  it.each([['+18005550100'], ['18005550100'], ['%2B18005550100'], ['+1-800-555-0100'], ['18005550100;npdi']])(
    'finds the number dialled as %s',
    (user) => {
      expect(admitInvite(invite({ uri: `sip:${user}@bridge:5060;user=phone` }), directory, false).kind).toBe(
        'admitted',
      );
      expect(admitInvite(invite({ uri: `sips:${user}@bridge` }), directory, false).kind).toBe('admitted');
      expect(admitInvite(invite({ uri: `tel:${user}` }), directory, false).kind).toBe('admitted');
    },
  );

  it.each([
    ['an unknown source', invite({ source: '192.0.2.99' }), 403, 'unknown_carrier'],
    ['a source that is no address', invite({ source: 'x' }), 403, 'unknown_carrier'],
    ['an unknown number', invite({ uri: 'sip:+18005550101@bridge' }), 404, 'unknown_number'],
    ['no user part', invite({ uri: 'sip:bridge' }), 404, 'unknown_number'],
    ['no number at all', invite({ uri: 'sip:100@bridge' }), 404, 'unknown_number'],
    ['no hops left', invite({}, { 'max-forwards': '0' }), 483, 'too_many_hops'],
    ['nonsense for hops', invite({}, { 'max-forwards': 'x' }), 483, 'too_many_hops'],
  ])('refuses %s', (_title, req, sipStatus, cause) => {
    expect(admitInvite(req, directory, false)).toMatchObject({ kind: 'refused', sipStatus, cause });
  });

  it('answers 503 with Retry-After while draining, but tells strangers nothing', () => {
    expect(admitInvite(invite(), directory, true)).toMatchObject({ sipStatus: 503, retryAfterSeconds: 30 });
    expect(admitInvite(invite({ source: '192.0.2.99' }), directory, true)).toMatchObject({ sipStatus: 403 });
  });

  it.each([
    ['Privacy: id', { privacy: 'id;critical' }],
    ['Anonymous in From', { from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1' }],
    ['no user in From', { from: '<sip:carrier.example>;tag=1' }],
  ])('keeps a caller anonymous: %s (RFC 3323)', (_title, headers) => {
    const admitted = admitInvite(invite({}, headers), directory, false);
    expect(admitted).toMatchObject({
      caller: { number: undefined, from: expect.stringContaining('anonymous.invalid') },
    });
  });

  it('never lets a caller id break out of its header', () => {
    const admitted = admitInvite(invite({}, { from: '<sip:a"\r\nX: y@c>;tag=1' }), directory, false);
    expect(admitted).toMatchObject({ caller: { from: '<sip:aXy@localhost>' } });
  });
});
