import { describe, expect, it } from 'vitest';
import { canonicalName } from '../../../sip/engine/message/header-names.ts';

describe('canonical header names', () => {
  it.each([
    ['a', 'Accept-Contact'],
    ['b', 'Referred-By'],
    ['c', 'Content-Type'],
    ['d', 'Request-Disposition'],
    ['e', 'Content-Encoding'],
    ['f', 'From'],
    ['i', 'Call-ID'],
    ['j', 'Reject-Contact'],
    ['k', 'Supported'],
    ['l', 'Content-Length'],
    ['m', 'Contact'],
    ['n', 'Identity-Info'],
    ['o', 'Event'],
    ['r', 'Refer-To'],
    ['s', 'Subject'],
    ['t', 'To'],
    ['u', 'Allow-Events'],
    ['v', 'Via'],
    ['x', 'Session-Expires'],
    ['y', 'Identity'],
  ])('expands the compact form %s to %s (RFC 3261 §7.3.3)', (compact, name) => {
    expect(canonicalName(compact)).toBe(name);
    expect(canonicalName(compact.toUpperCase())).toBe(name);
  });

  it.each([
    ['call-id', 'Call-ID'],
    ['CALL-ID', 'Call-ID'],
    ['cseq', 'CSeq'],
    ['www-authenticate', 'WWW-Authenticate'],
    ['rseq', 'RSeq'],
    ['rack', 'RAck'],
    ['min-se', 'Min-SE'],
    ['session-id', 'Session-ID'],
    ['p-asserted-identity', 'P-Asserted-Identity'],
    ['session-expires', 'Session-Expires'],
    ['content-type', 'Content-Type'],
  ])('spells %s as registered: %s (RFC 3261 §7.3.1)', (raw, name) => {
    expect(canonicalName(raw)).toBe(name);
  });

  it.each([
    ['p-foo-bar', 'P-Foo-Bar'],
    ['foo', 'Foo'],
    ['P-MyHeader', 'P-MyHeader'],
    ['x-lower', 'x-lower'],
    ['X-PH-RetreaverUUID', 'X-PH-RetreaverUUID'],
  ])('spells the unregistered name %s as %s', (raw, name) => {
    expect(canonicalName(raw)).toBe(name);
  });

  it('stays right when peers send more spellings than it remembers', () => {
    for (let n = 0; n < 10_000; n += 1) canonicalName(`h${n}`);
    expect(canonicalName('h9999-a')).toBe('H9999-A');
    expect(canonicalName('CaLl-Id')).toBe('Call-ID');
  });
});
