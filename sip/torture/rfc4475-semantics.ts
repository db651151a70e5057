import { accept, reject, type Verdict } from './verdict.ts';

const applicationDecides =
  'the engine is no more than a UAS core: what extensions and bodies there are, the application knows';

/** RFC 4475 §3.2 to §3.4: well-formed messages that ask for something unusual. */
export const semantics: readonly Verdict[] = [
  accept(
    ['badbranch', 'RFC 4475 §3.2.1'],
    'application',
    { method: 'OPTIONS', branch: 'z9hG4bK', fromTag: '33242' },
    'a cookie without an identifier is matched as RFC 2543 did',
  ),
  reject(['insuf', 'RFC 4475 §3.3.1'], 400, 'Bad Request', 'no Call-ID, From and To (RFC 3261 §8.1.1)'),
  accept(
    ['unkscm', 'RFC 4475 §3.3.2'],
    '416 Unsupported URI Scheme',
    { method: 'OPTIONS', scheme: 'nobodyknowsthisscheme' },
    'RFC 3261 §8.2.2.1',
  ),
  accept(
    ['novelsc', 'RFC 4475 §3.3.3'],
    '416 Unsupported URI Scheme',
    { method: 'OPTIONS', scheme: 'soap.beep' },
    'RFC 3261 §8.2.2.1',
  ),
  accept(
    ['unksm2', 'RFC 4475 §3.3.4'],
    'application',
    {
      ...{ method: 'REGISTER', toUri: 'isbn:2983792873', fromUri: 'http://www.example.com', fromTag: '3234233' },
      contacts: ['<name:John_Smith>'],
    },
    'schemes elsewhere than in the Request-URI concern the registrar',
  ),
  accept(
    ['bext01', 'RFC 4475 §3.3.5'],
    'application',
    {
      method: 'OPTIONS',
      headers: {
        Require: 'nothingSupportsThis, nothingSupportsThisEither',
        'Proxy-Require': 'noProxiesSupportThis, norDoAnyProxiesSupportThis',
      },
    },
    `DEVIATION: no 420; ${applicationDecides}`,
  ),
  accept(
    ['invut', 'RFC 4475 §3.3.6'],
    'application',
    { method: 'INVITE', headers: { 'Content-Type': 'application/unknownformat' }, bodyLength: 40 },
    `DEVIATION: no 415; ${applicationDecides}`,
  ),
  accept(
    ['regaut01', 'RFC 4475 §3.3.7'],
    'application',
    { method: 'REGISTER', headers: { Authorization: 'NoOneKnowsThisScheme opaque-data=here' }, bodyLength: 0 },
    'the registrar knows what credentials it wants',
  ),
  reject(['multi01', 'RFC 4475 §3.3.8'], 400, 'Bad From Header', 'single-value headers given twice'),
  reject(['mcl01', 'RFC 4475 §3.3.9'], 400, 'Bad Content-Length Header', 'two lengths are none'),
  accept(
    ['bcast', 'RFC 4475 §3.3.10'],
    'nothing',
    { status: 200, vias: ['UDP 192.0.2.198', 'UDP 255.255.255.255'], toTag: '2229', bodyLength: 154 },
    'nobody waits for it, and responses are never forwarded by their Via',
  ),
  accept(
    ['zeromf', 'RFC 4475 §3.3.11'],
    'application',
    { method: 'OPTIONS', maxForwards: '0' },
    'Max-Forwards is for proxies; an endpoint serves the request',
  ),
  accept(
    ['cparam01', 'RFC 4475 §3.3.12'],
    'application',
    { method: 'REGISTER', contacts: ['sip:+19725552222@gw1.example.net;unknownparam'] },
    'without brackets it is a parameter of the header; handed over as it came',
  ),
  accept(
    ['cparam02', 'RFC 4475 §3.3.13'],
    'application',
    { method: 'REGISTER', contacts: ['<sip:+19725552222@gw1.example.net;unknownparam>'] },
    'within brackets it is a parameter of the URI; handed over as it came',
  ),
  accept(
    ['regescrt', 'RFC 4475 §3.3.14'],
    'application',
    { method: 'REGISTER', contacts: ['<sip:user@example.com?Route=%3Csip:sip.example.com%3E>'], routes: [] },
    'the header in the URI stays there',
  ),
  accept(
    ['sdp01', 'RFC 4475 §3.3.15'],
    'application',
    { method: 'INVITE', headers: { Accept: 'text/nobodyKnowsThis' }, bodyLength: 150 },
    `DEVIATION: no 406; ${applicationDecides}`,
  ),
  accept(
    ['inv2543', 'RFC 4475 §3.4.1'],
    'application',
    {
      ...{ method: 'INVITE', user: 'UserB', host: 'example.com', vias: ['UDP iftgw.example.com'], bodyLength: 105 },
      ...{ fromUri: 'sip:+13035551111@ift.client.example.net;user=phone', cseq: 56 },
    },
    'no branch, no From tag, no Content-Length and no Max-Forwards, as RFC 2543 had it',
  ),
];
