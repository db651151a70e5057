import { accept, drop, reject, type Verdict } from './verdict.ts';

/** RFC 4475 §3.1.2: messages with faults, each with the answer the RFC asks for or allows. */
export const invalidSyntax: readonly Verdict[] = [
  reject(['badinv01', 'RFC 4475 §3.1.2.1'], 400, 'Bad Via Header', 'empty elements among the Vias would pass for hops'),
  accept(
    ['clerr', 'RFC 4475 §3.1.2.2'],
    'application',
    { method: 'INVITE', fromTag: '93942939o2', bodyLength: 154 },
    'DEVIATION: the datagram is taken with the bytes that are there, as drachtio-server does; gateways miscount',
  ),
  reject(['ncl', 'RFC 4475 §3.1.2.3'], 400, 'Bad Content-Length Header', 'a negative length is no length'),
  reject(['scalar02', 'RFC 4475 §3.1.2.4'], 400, 'Bad CSeq Header', 'the number is 2^31 or more (RFC 3261 §8.1.1.5)'),
  drop(['scalarlg', 'RFC 4475 §3.1.2.5'], 'a response with a fault is dropped'),
  reject(['quotbal', 'RFC 4475 §3.1.2.6'], 400, 'Bad To Header', 'guessing where the quote ends is guessing the URI'),
  reject(['ltgtruri', 'RFC 4475 §3.1.2.7'], 400, 'Bad Request-URI', 'no brackets around a Request-URI'),
  reject(['lwsruri', 'RFC 4475 §3.1.2.8'], 400, 'Bad Request-URI', 'no blanks inside a Request-URI'),
  accept(
    ['lwsstart', 'RFC 4475 §3.1.2.9'],
    'application',
    { method: 'INVITE', user: 'user', host: 'example.com', fromTag: '8814', bodyLength: 150 },
    'more than one blank between the elements leaves no doubt; never written ourselves',
  ),
  accept(
    ['trws', 'RFC 4475 §3.1.2.10'],
    'application',
    { method: 'OPTIONS', user: 'remote-target', host: 'example.com', fromTag: '329429089' },
    'blanks at the end of the Request-Line leave no doubt; never written ourselves',
  ),
  accept(
    ['escruri', 'RFC 4475 §3.1.2.11'],
    'application',
    { method: 'INVITE', user: 'user', host: 'example.com', routes: [], fromTag: '341518' },
    'the headers in the URI stay part of its text and become nothing else',
  ),
  accept(
    ['baddate', 'RFC 4475 §3.1.2.12'],
    'application',
    { method: 'INVITE', headers: { Date: 'Fri, 01 Jan 2010 16:00:00 EST' } },
    'nothing of ours depends on Date',
  ),
  accept(
    ['regbadct', 'RFC 4475 §3.1.2.13'],
    'application',
    { method: 'REGISTER', contacts: ['sip:user@example.com?Route=%3Csip:sip.example.com%3E'] },
    'whoever is the registrar judges the Contact; we hand it over as it came',
  ),
  accept(
    ['badaspec', 'RFC 4475 §3.1.2.14'],
    'application',
    { method: 'OPTIONS', toName: 'Watson, Thomas', toUri: 'sip:t.watson@example.org' },
    'blanks just inside the brackets can be ignored',
  ),
  accept(
    ['baddn', 'RFC 4475 §3.1.2.15'],
    'application',
    { method: 'OPTIONS', fromName: 'Bell, Alexander', fromTag: '43', toUri: 'sip:t.watson@example.org' },
    'the quotes are inferred: From and To take one value only. The blank line missing in the archive is as printed',
  ),
  reject(['badvers', 'RFC 4475 §3.1.2.16'], 505, 'Version Not Supported', 'RFC 3261 §21.5.6'),
  reject(['mismatch01', 'RFC 4475 §3.1.2.17'], 400, 'Bad Request', 'CSeq names another method'),
  reject(
    ['mismatch02', 'RFC 4475 §3.1.2.18'],
    400,
    'Bad Request',
    'allowed by the RFC beside 501: which of the two methods is meant is unknown',
  ),
  drop(['bigcode', 'RFC 4475 §3.1.2.19'], 'no status beyond 699'),
];
