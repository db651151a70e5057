import { describe, expect, it } from 'vitest';
import { type ReferRules, referTarget } from '../../src/telephony/transfer/refer-target.ts';

const rules = (changes: Partial<ReferRules> = {}): ReferRules => ({
  rule: { blind: true, attended: true, hosts: ['partner.example'] },
  ownUris: ['sip:[caller_number]@pbx.acme.example:5080;transport=tcp', 'sip:desk@second.acme.example'],
  here: 'sip:bridge@198.51.100.7:5060',
  ...changes,
});

describe('the target of a REFER (RFC 3515 §2.1)', () => {
  it.each([
    ['<sip:200@pbx.acme.example>', 'sip:200@pbx.acme.example'],
    ['"Desk" <sip:200@PBX.acme.example:5070;transport=TCP>;x=y', 'sip:200@pbx.acme.example:5070;transport=tcp'],
    ['sip:200@second.acme.example;method=INVITE', 'sip:200@second.acme.example'],
    ['<sips:200@partner.example>', 'sips:200@partner.example'],
    ['<sip:200@pbx.acme.example;maddr=203.0.113.9;lr>', 'sip:200@pbx.acme.example'],
    ['<sip:200@pbx.acme.example?Subject=x&Route=%3Csip:evil.example%3E>', 'sip:200@pbx.acme.example'],
  ])('%s is dialled as %s', (referTo, uri) => {
    expect(referTarget(referTo, rules())).toMatchObject({ kind: 'target', uri, replaces: undefined });
  });

  it('is the buyer’s own, who gets uuid and key, or another it may transfer to', () => {
    expect(referTarget('<sip:2@second.acme.example>', rules())).toMatchObject({ own: 'sip:desk@second.acme.example' });
    expect(referTarget('<sip:2@partner.example>', rules())).toMatchObject({ own: undefined });
  });

  it('at our own address means the user part at the buyer’s', () => {
    expect(referTarget('<sip:200@198.51.100.7>', rules())).toMatchObject({
      uri: 'sip:200@pbx.acme.example:5080;transport=tcp',
      own: rules().ownUris[0],
    });
    expect(referTarget('<sip:198.51.100.7>', rules())).toMatchObject({ status: 403 });
  });

  it.each([
    '<sip:+19005550100@evil.example>',
    '<sip:200@pbx.acme.example.evil.example>',
    '<sip:200@evil.example?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>',
    '<sip:pbx.acme.example@evil.example>',
  ])('elsewhere is refused: %s', (referTo) => {
    expect(referTarget(referTo, rules())).toMatchObject({ kind: 'refusal', status: 403 });
  });

  it.each([
    undefined,
    '',
    '<tel:+12025550100>',
    '<sip:a:secret@pbx.acme.example>',
    '<sip:200@pbx.acme.example;method=BYE>',
    '<sip:2 0@pbx.acme.example>',
    '<sip:200@pbx.acme.example\r\nX-Evil: 1>',
    '<sip:200@pbx.acme.example?Replaces=a>',
    '<sip:200@pbx.acme.example?Replaces=a%0d%0aX:1%3Bto-tag%3Db%3Bfrom-tag%3Dc>',
    '<sip:200@pbx.acme.example?Replaces=%zz>',
  ])('that cannot be dialled is refused 400: %j', (referTo) => {
    expect(referTarget(referTo, rules())).toMatchObject({ kind: 'refusal', status: 400 });
  });

  it('of an attended transfer names the call to take the place of (RFC 3891)', () => {
    const referTo = '<sip:200@pbx.acme.example?Replaces=12%40phone%3Bto-tag%3Db%3Bfrom-tag%3Dc>';
    expect(referTarget(referTo, rules())).toMatchObject({ replaces: '12@phone;to-tag=b;from-tag=c' });
  });

  it('is allowed for blind and attended transfers separately', () => {
    const blind = '<sip:200@pbx.acme.example>';
    const attended = '<sip:200@pbx.acme.example?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>';
    const only = (kind: 'blind' | 'attended') =>
      rules({ rule: { blind: kind === 'blind', attended: kind === 'attended', hosts: [] } });
    expect(referTarget(blind, only('blind')).kind).toBe('target');
    expect(referTarget(attended, only('blind'))).toMatchObject({ status: 403 });
    expect(referTarget(attended, only('attended')).kind).toBe('target');
    expect(referTarget(blind, only('attended'))).toMatchObject({ status: 403 });
  });
});
