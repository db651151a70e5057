import { describe, expect, it } from 'vitest';
import { parseCSeq } from '../../../sip/engine/message/cseq.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { formatVia, parseVia } from '../../../sip/engine/message/via.ts';

describe('parseVia (RFC 3261 §20.42, RFC 3581)', () => {
  it.each([
    ['SIP/2.0/UDP h', { protocol: 'UDP', host: 'h' }],
    ['SIP/2.0/UDP h:5080;branch=z9hG4bK1', { host: 'h', port: 5080, branch: 'z9hG4bK1' }],
    ['SIP/2.0/tcp [2001:db8::9:1]:5070;rport', { protocol: 'TCP', host: '2001:db8::9:1', port: 5070, rport: true }],
    ['SIP/2.0/UDP h;rport=9;received=1.2.3.4', { rport: 9, received: '1.2.3.4' }],
    ['SIP/2.0/UDP h;received=[2001:db8::1]', { received: '2001:db8::1' }],
    ['SIP  / 2.0 /  UDP  h : 5060 ; BRANCH = z9 ; Rport', { host: 'h', port: 5060, branch: 'z9', rport: true }],
    ['SIP/2.0/UDP h;branch=a;branch=b;;', { branch: 'a' }],
    ['SIP/7.0/UDP h', { version: '7.0', protocol: 'UDP', host: 'h' }],
  ])('reads %s', (value, expected) => {
    expect(parseVia(value)).toMatchObject(expected);
  });

  it('keeps other parameters', () => {
    const via = parseVia('SIP/2.0/UDP h;ttl=16;maddr=224.2.0.1;alias;branch=z9');
    expect(Object.fromEntries(via.params)).toEqual({ ttl: '16', maddr: '224.2.0.1', alias: undefined });
    expect(formatVia(via)).toBe('SIP/2.0/UDP h;branch=z9;ttl=16;maddr=224.2.0.1;alias');
  });

  it('gives a peer its own version back (RFC 3261 §21.5.6)', () => {
    expect(formatVia(parseVia('SIP/7.0/UDP h;branch=z9'))).toBe('SIP/7.0/UDP h;branch=z9');
  });

  it('formats an IPv6 host in brackets and rport with or without its value', () => {
    const via = parseVia('SIP/2.0/UDP [::1]:5060;rport;branch=z9');
    expect(formatVia(via)).toBe('SIP/2.0/UDP [::1]:5060;rport;branch=z9');
    expect(formatVia({ ...via, rport: 7, received: '::2' })).toBe(
      'SIP/2.0/UDP [::1]:5060;rport=7;received=::2;branch=z9',
    );
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/two/UDP h',
    'UDP h',
    'SIP/2.0/UDP h:x',
    'SIP/2.0/UDP h;rport=70000',
  ])('refuses %j', (value) => {
    expect(() => parseVia(value)).toThrow(ParseError);
  });
});

describe('parseCSeq (RFC 3261 §8.1.1.5)', () => {
  it.each([
    ['1 INVITE', { number: 1, method: 'INVITE' }],
    ['0009  INVITE', { number: 9, method: 'INVITE' }],
    ['2147483647 FOO.bar', { number: 2147483647, method: 'FOO.bar' }],
  ])('reads %s', (value, expected) => {
    expect(parseCSeq(value)).toEqual(expected);
  });

  it.each(['', 'INVITE', '1', '-1 INVITE', '2147483648 INVITE', '36893488147419103232 REGISTER', '1 IN VITE'])(
    'refuses %j',
    (value) => {
      expect(() => parseCSeq(value)).toThrow(ParseError);
    },
  );
});
