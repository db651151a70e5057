import { accept, type Verdict } from './verdict.ts';

/** RFC 5118 §4: addresses of IPv6. */
export const ipv6: readonly Verdict[] = [
  accept(
    ['ipv6-good', 'RFC 5118 §4.1'],
    'application',
    {
      method: 'REGISTER',
      host: '2001:db8::10',
      vias: ['UDP 2001:db8::9:1'],
      contacts: ['"Caller" <sip:caller@[2001:db8::1]>'],
    },
    'an IPv6 reference in brackets',
  ),
  accept(
    ['ipv6-bad', 'RFC 5118 §4.2'],
    '400 Bad Request-URI',
    { method: 'REGISTER', fromTag: '81x2' },
    'an IPv6 address without brackets; found when a Request-URI is looked at, which inside a dialog it is not',
  ),
  accept(
    ['port-ambiguous', 'RFC 5118 §4.3'],
    'application',
    { method: 'REGISTER', host: '2001:db8::10:5070' },
    'within the brackets all is address',
  ),
  accept(
    ['port-unambiguous', 'RFC 5118 §4.4'],
    'application',
    { method: 'REGISTER', host: '2001:db8::10', port: 5070 },
    'after the brackets comes the port',
  ),
  accept(
    ['via-received-param-with-delim', 'RFC 5118 §4.5'],
    '481 Call/Transaction Does Not Exist',
    { method: 'BYE', vias: ['UDP 2001:db8::9:1'], received: '2001:db8::9:255', toTag: 'bd76ya' },
    'brackets around `received` are tolerated; the BYE belongs to no dialog of ours',
  ),
  accept(
    ['via-received-param-no-delim', 'RFC 5118 §4.5'],
    'application',
    { method: 'OPTIONS', received: '2001:db8::9:255', branch: 'z9hG4bKas3' },
    '`received` is an address without brackets',
  ),
  accept(
    ['ipv6-in-sdp', 'RFC 5118 §4.6'],
    'application',
    { method: 'INVITE', user: 'user', host: '2001:db8::10', bodyLength: 251 },
    'bodies are not read; DEVIATION as in clerr: the printed Content-Length says 268',
  ),
  accept(
    ['mult-ip-in-header', 'RFC 5118 §4.7'],
    '481 Call/Transaction Does Not Exist',
    { method: 'BYE', vias: ['UDP 2001:db8::9:1:6050', 'UDP 192.0.2.1', 'TCP 2001:db8::9:255'], cseq: 89_187 },
    'addresses of both families in one message; the BYE belongs to no dialog of ours',
  ),
  accept(
    ['mult-ip-in-sdp', 'RFC 5118 §4.8'],
    'application',
    { method: 'INVITE', host: '2001:db8::10', bodyLength: 181 },
    'bodies are not read; the printed Content-Length cuts the last 8 bytes off',
  ),
  accept(
    ['ipv4-mapped-ipv6', 'RFC 5118 §4.9'],
    'application',
    { method: 'INVITE', vias: ['UDP ::ffff:192.0.2.10:19823', 'UDP ::ffff:192.0.2.2'], bodyLength: 236 },
    'an IPv4-mapped address is an IPv6 address',
  ),
  accept(
    ['ipv6-bug-abnf-3-colons', 'RFC 5118 §4.10'],
    'application',
    { method: 'OPTIONS', host: '2001:db8::192.0.2.1', toUri: 'sip:user@[2001:db8:::192.0.2.1]' },
    'the third colon comes from the grammar of RFC 3261 and must be tolerated',
  ),
  accept(
    ['ipv6-correct-abnf-2-colons', 'RFC 5118 §4.10'],
    'application',
    { method: 'OPTIONS', host: '2001:db8::192.0.2.1' },
    'the same address as the grammar meant it',
  ),
];
