import { describe, expect, it } from 'vitest';
import { completeContact, defaultContact } from '../../../sip/engine/dialog/headers/localhost.ts';
import { asksForSecurity } from '../../../sip/engine/dialog/headers/secure.ts';
import type { ListeningPoint, Protocol } from '../../../sip/engine/transport/transport.ts';
import { request } from '../support/messages.ts';

const point = (protocol: Protocol, address = '192.0.2.1'): ListeningPoint => ({
  ...{ protocol, address, port: 5061 },
  ...{ advertisedAddress: address, advertisedPort: 5061 },
});

describe('our Contact (RFC 3261 §8.1.1.8)', () => {
  it.each([
    ['udp', false, '<sip:192.0.2.1:5061>'],
    ['tcp', false, '<sip:192.0.2.1:5061;transport=tcp>'],
    ['tls', false, '<sip:192.0.2.1:5061;transport=tls>'],
    ['tls', true, '<sips:192.0.2.1:5061>'],
  ] as const)('over %s, secure %s, is %s', (protocol, isSecure, expected) => {
    expect(defaultContact(point(protocol), isSecure)).toBe(expected);
  });

  it.each([
    ['<sip:a@localhost>', 'udp', false, '<sip:a@192.0.2.1:5061>'],
    ['"A" <sip:a@localhost;ob>;q=1', 'tls', false, '"A" <sip:a@192.0.2.1:5061;transport=tls;ob>;q=1'],
    ['sip:a@localhost', 'tcp', false, '<sip:a@192.0.2.1:5061;transport=tcp>'],
    ['<sip:a@localhost;transport=tcp>', 'tls', false, '<sip:a@192.0.2.1:5061;transport=tcp>'],
    ['"sip: me" <sip:a@localhost>', 'tls', true, '"sip: me" <sips:a@192.0.2.1:5061>'],
    ['<sips:a@localhost>', 'tls', false, '<sips:a@192.0.2.1:5061>'],
    ['<sip:a@elsewhere.example>', 'tls', true, '<sip:a@elsewhere.example>'],
  ] as const)('completes %s over %s, secure %s, to %s', (given, protocol, isSecure, expected) => {
    expect(completeContact(given, point(protocol), isSecure)).toBe(expected);
  });

  it('brackets an IPv6 address', () => {
    expect(completeContact('<sip:a@localhost>', point('tls', '2001:db8::1'), false)).toBe(
      '<sip:a@[2001:db8::1]:5061;transport=tls>',
    );
  });
});

describe('a request asks for a secure Contact (RFC 3261 §12.1.1)', () => {
  it.each([
    ['by its URI', 'sips:us@192.0.2.1', {}, true],
    ['by its Record-Route', 'sip:us@192.0.2.1', { 'Record-Route': '<sips:proxy.example;lr>' }, true],
    ['by its Contact without Record-Route', 'sip:us@192.0.2.1', { Contact: '<sips:a@192.0.2.9>' }, true],
    ['not by its Contact with one', 'sip:us@h', { Contact: '<sips:a@h>', 'Record-Route': '<sip:p;lr>' }, false],
    ['not otherwise', 'sip:us@192.0.2.1', {}, false],
  ])('%s', (_how, uri, headers, expected) => {
    expect(asksForSecurity({ ...request('INVITE', { headers }), uri })).toBe(expected);
  });
});
