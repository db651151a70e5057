import { describe, expect, it } from 'vitest';
import type { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { formatUri, isIp, parseSipUri } from '../../../sip/engine/message/uri.ts';

const params = (entries: Record<string, string | undefined>): Map<string, string | undefined> =>
  new Map(Object.entries(entries));

describe('parseSipUri (RFC 3261 §19.1)', () => {
  it.each([
    ['sip:example.com', { scheme: 'sip', host: 'example.com' }],
    ['SIPS:bob@Example.com:5061', { scheme: 'sips', user: 'bob', host: 'Example.com', port: 5061 }],
    ['sip:alice:secret@h', { user: 'alice', password: 'secret', host: 'h' }],
    ['sip:+1-201;phone-context=x@h', { user: '+1-201;phone-context=x', host: 'h' }],
    ['sip:a?b/c@h', { user: 'a?b/c', host: 'h' }],
    ['sip:%40bob@h', { user: '%40bob', host: 'h' }],
    ['sip:bob@[2001:db8::1]:5080', { user: 'bob', host: '2001:db8::1', port: 5080 }],
    ['sip:[::1]', { host: '::1' }],
    ['sip:bob@[2001:db8:::192.0.2.1]', { host: '2001:db8::192.0.2.1' }],
    ['sip:h;transport=UDP;lr', { host: 'h', params: params({ transport: 'UDP', lr: undefined }) }],
    ['sip:h;Maddr=1.2.3.4', { host: 'h', params: params({ maddr: '1.2.3.4' }) }],
    ['sip:h?subject=a%20b&x=1', { headers: new Map(Object.entries({ subject: 'a%20b', x: '1' })) }],
    ['sip:b@h;p=1?x=2', { params: params({ p: '1' }), headers: new Map([['x', '2']]) }],
    ['tel:+12015550123;ext=9', { scheme: 'tel', user: '+12015550123', host: '', params: params({ ext: '9' }) }],
    ['sip:sip:user@host', { user: 'sip', password: 'user', host: 'host' }],
  ])('reads %s', (text, expected) => {
    expect(parseSipUri(text)).toMatchObject(expected);
  });

  it.each([
    'sip:example.com',
    'sips:bob@example.com:5061',
    'sip:alice:secret@h;transport=tcp;lr?subject=x&y=1',
    'sip:bob@[2001:db8::1]:5080',
    'tel:+12015550123;ext=9',
  ])('formats %s as it was', (text) => {
    expect(formatUri(parseSipUri(text))).toBe(text);
  });

  it.each([
    ['', 'bad_uri'],
    ['bob', 'bad_uri'],
    ['sip:', 'bad_uri'],
    ['sip:@h', 'bad_uri'],
    ['sip:a@b@c', 'bad_uri'],
    ['sip:h:port', 'bad_uri'],
    ['sip:h:65536', 'bad_uri'],
    ['sip:[::1', 'bad_uri'],
    ['sip:[1.2.3.4]', 'bad_uri'],
    ['sip:bob @h', 'bad_uri'],
    ['sip:h>', 'bad_uri'],
    ['sip:h\r\nX: y', 'bad_uri'],
    ['tel:', 'bad_uri'],
    ['http://h', 'unsupported_scheme'],
  ])('refuses %j as %s', (text, code) => {
    expect(() => parseSipUri(text)).toThrow(expect.objectContaining({ code }) as ParseError);
  });

  it('answers 416 to a scheme it does not know (RFC 3261 §8.2.2.1)', () => {
    expect(() => parseSipUri('im:bob@h')).toThrow(expect.objectContaining({ status: 416 }) as ParseError);
  });

  it.each([
    ['127.0.0.1', true],
    ['::1', true],
    ['[::1]', true],
    ['example.com', false],
    ['1.2.3', false],
  ])('isIp(%s) is %s', (host, expected) => {
    expect(isIp(host)).toBe(expected);
  });
});
