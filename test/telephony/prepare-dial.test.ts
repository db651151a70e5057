import { describe, expect, it } from 'vitest';
import type { Destination, Gateway } from '../../src/domain/destination.ts';
import { tagValues } from '../../src/domain/tag-match.ts';
import type { Admitted } from '../../src/telephony/admit-invite.ts';
import type { Caller } from '../../src/telephony/caller-identity.ts';
import { prepareDial } from '../../src/telephony/prepare-dial.ts';
import { aBuyer, aCampaign, aCarrier, aDestination, aGateway } from '../support/account-builders.ts';

const KNOWN: Caller = {
  number: '+12025550100',
  hiddenNumber: undefined,
  displayName: 'Ann',
  isPrivate: false,
  identity: 'signed',
  from: '"Ann" <sip:+12025550100@localhost>',
};
const HIDDEN: Caller = {
  number: undefined,
  hiddenNumber: '+12025550100',
  displayName: undefined,
  isPrivate: true,
  identity: undefined,
  from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
};
const NUMBER: Destination = { kind: 'number', number: '+12125551234', gatewayId: 'pstn' };
const OURS = { addresses: ['192.0.2.9'], ports: [5060] };

interface Setting {
  readonly caller?: Caller;
  readonly gateway?: Partial<Gateway>;
  readonly tags?: Record<string, string>;
  /** At somebody else's address. */
  readonly isForeign?: boolean;
}

function prepare(destination: Destination, buyer: ReturnType<typeof aBuyer> | undefined, setting: Setting = {}) {
  const call: Admitted = {
    kind: 'admitted',
    carrier: aCarrier('carrier'),
    number: { number: '+18005550100', campaignId: 'campaign', publisherId: undefined, tags: {} },
    campaign: aCampaign(),
    publisher: undefined,
    caller: setting.caller ?? KNOWN,
    tags: [],
    maxForwards: 69,
  };
  const tags = tagValues(Object.entries(setting.tags ?? {}).map(([name, value]) => ({ name, value })));
  const gateways = new Map([['pstn', aGateway('pstn', setting.gateway)]]);
  const callKey = setting.isForeign === true ? undefined : () => 'k';
  return prepareDial(destination, buyer, { call, uuid: 'u', callKey, tags, gateways, own: OURS });
}

function dialOf(...input: Parameters<typeof prepare>) {
  const prepared = prepare(...input);
  if (prepared.kind === 'skip') throw new Error(prepared.detail);
  return prepared.dial;
}

const buyer = aBuyer('A');
const address = aDestination('sip:a@buyer.example');

describe('uuid and key (semantics §2)', () => {
  it('go to a buyer’s own address, never to a gateway or the last resort', () => {
    expect(dialOf(address, buyer).headers).toMatchObject({ 'X-PH-RetreaverUUID': 'u', 'X-PH-RetreaverKey': 'k' });
    for (const dial of [dialOf(address, undefined), dialOf(NUMBER, buyer), dialOf(NUMBER, undefined)]) {
      expect(Object.keys(dial.headers).join()).not.toMatch(/x-ph/i);
    }
  });
});

describe('the number dialled through a gateway', () => {
  it.each([
    ['e164_plus', 'sip:+12125551234@gateway.example'],
    ['e164', 'sip:12125551234@gateway.example'],
    ['national', 'sip:2125551234@gateway.example'],
  ] as const)('%s', (numberFormat, uri) => {
    expect(dialOf(NUMBER, buyer, { gateway: { numberFormat } })).toMatchObject({ uri, shown: '+12125551234' });
  });
});

describe('who the other side is told calls (RFC 3323, RFC 3325, RFC 8224)', () => {
  const replaced = { callerId: { kind: 'replace', number: '+12025550199' } } as const;
  it('the caller, with name and Identity', () => {
    expect(dialOf(address, buyer).headers).toMatchObject({ From: KNOWN.from, Identity: 'signed' });
  });
  it('our number instead, without the Identity that vouches for another', () => {
    const { headers } = dialOf(address, aBuyer('A', replaced));
    expect(headers['From']).toBe('<sip:+12025550199@localhost>');
    expect(headers).not.toHaveProperty('Identity');
  });
  it('our number also where the buyer transfers to somebody else, who is not told uuid and key', () => {
    const { headers } = dialOf(address, aBuyer('A', replaced), { isForeign: true });
    expect(headers).toEqual({ From: '<sip:+12025550199@localhost>' });
  });
  it('nobody, if the caller hides; a trusted gateway alone is told the number, and that it is private', () => {
    for (const dial of [dialOf(address, buyer, { caller: HIDDEN }), dialOf(NUMBER, buyer, { caller: HIDDEN })]) {
      expect(JSON.stringify(dial)).not.toContain('2025550100');
    }
    const { headers } = dialOf(NUMBER, buyer, { caller: HIDDEN, gateway: { trusted: true } });
    expect(headers).toMatchObject({ 'P-Asserted-Identity': '<sip:+12025550100@localhost>', Privacy: 'id' });
    expect(headers['From']).toContain('anonymous');
  });
});

describe('what is not dialled', () => {
  const unsafe = aDestination('sip:a@buyer.example', { headers: { 'X-Note': '[note]' } });
  it('a header that would hold a line break', () => {
    expect(prepare(unsafe, buyer, { tags: { note: 'a\r\nX-PH-RetreaverKey: b' } })).toMatchObject({
      kind: 'skip',
      reason: 'unsafe_value',
    });
    expect(dialOf(unsafe, buyer, { tags: { note: 'a b' } }).headers['X-Note']).toBe('a b');
  });
  it('ourselves', () => {
    expect(prepare(aDestination('sip:x@192.0.2.9'), buyer)).toMatchObject({ kind: 'skip', reason: 'loop' });
  });
  it('a number whose gateway is gone', () => {
    expect(prepare({ ...NUMBER, gatewayId: 'gone' }, buyer)).toMatchObject({ kind: 'skip' });
  });
});
