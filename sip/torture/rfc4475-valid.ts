import { accept, type Verdict } from './verdict.ts';

/** RFC 4475 §3.1.1: every element must take these as well formed. */
export const validSyntax: readonly Verdict[] = [
  accept(
    ['wsinv', 'RFC 4475 §3.1.1.1'],
    '481 Call/Transaction Does Not Exist',
    {
      ...{ method: 'INVITE', user: 'vivekg', host: 'chair-dnrc.example.com', uriParams: ['unknownparam'] },
      ...{ fromName: 'J Rosenberg \\"', fromTag: '98asjd8', toTag: '1918181833n', cseq: 9, maxForwards: '0068' },
      vias: ['UDP 192.0.2.2', 'TCP spindle.example.com', 'UDP 192.168.255.111'],
      ...{ branch: '390skdjuw', subject: '', bodyLength: 150 },
      routes: ['<sip:services.example.com;lr;unknownwith=value;unknown-no-value>'],
      contacts: ['"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam = newvalue ; secondparam ; q = 0.33'],
      headers: {
        NewFangledHeader: 'newfangled value continued newfangled value',
        UnknownHeaderWithUnusualValue: ';;,,;;,;',
      },
    },
    'folding, blanks and odd spelling are legal; its To tag names a dialog we do not have (RFC 3261 §12.2.2)',
  ),
  accept(
    ['intmeth', 'RFC 4475 §3.1.1.2'],
    '501 Not Implemented',
    {
      method: "!interesting-Method0123456789_*+`.%indeed'~",
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      ...{ host: 'example.com', cseq: 139_122_385, maxForwards: '255' },
      ...{ toName: 'BEL:\x07 NUL:\0 DEL:\x7f', fromName: "token1~` token2'+_ token3*%!.-" },
      ...{ fromUri: 'sip:mundane@example.com', fromTag: "_token~1'+`*%!-." },
      ...{ callId: 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{', branch: "z9hG4bK-.!%66*_+`'~" },
      headers: { "extensionHeader-!.%*+_`'~": '\ufeff大停電' },
    },
    'a NUL may stand in a quoted-pair (RFC 3261 §25.1); a method nobody knows gets 501 (RFC 3261 §8.2.1)',
  ),
  accept(
    ['esc01', 'RFC 4475 §3.1.1.3'],
    'application',
    {
      ...{ method: 'INVITE', user: 'sips%3Auser%40example.com', host: 'example.net', fromTag: '938' },
      ...{ fromUri: 'sip:I%20have%20spaces@example.net', toUri: 'sip:%75se%72@example.com', bodyLength: 150 },
      contacts: ['<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>'],
    },
    'escapes are kept as written: only the application knows what to compare them with',
  ),
  accept(
    ['escnull', 'RFC 4475 §3.1.1.4'],
    'application',
    {
      ...{ method: 'REGISTER', toUri: 'sip:null-%00-null@example.com', bodyLength: 0 },
      contacts: ['<sip:%00@host5.example.com>', '<sip:%00%00@host5.example.com>'],
    },
    'an escaped NUL is three characters and ends nothing',
  ),
  accept(
    ['esc02', 'RFC 4475 §3.1.1.5'],
    '501 Not Implemented',
    {
      ...{ method: 'RE%47IST%45R', toName: '%Z%45', branch: 'z9hG4bK209%fzsnel234' },
      contacts: ['<sip:alias1@host1.example.com>', '<sip:alias3@host3.example.com>'],
      headers: { 'C%6Fntact': '<sip:alias2@host2.example.com>' },
    },
    'no escapes in methods and header names: this is neither a REGISTER nor a third Contact',
  ),
  accept(
    ['lwsdisp', 'RFC 4475 §3.1.1.6'],
    'application',
    { method: 'OPTIONS', fromName: 'caller', fromUri: 'sip:caller@example.com', fromTag: '323' },
    'the missing blank before < is a bug of the grammar',
  ),
  accept(
    ['longreq', 'RFC 4475 §3.1.1.7'],
    'application',
    {
      ...{ method: 'INVITE', cseq: 3_882_340, viaCount: 34, bodyLength: 150 },
      fromTag: `12${'982'.repeat(50)}424`,
      toName: `I have a user name of ${'extreme'.repeat(10)} proportion`,
      callId: `longreq.one${'really'.repeat(20)}longcallid`,
      contacts: [`<sip:${'amazinglylongcallername'.repeat(5)}@host5.example.net>`],
    },
    'long values and many Vias stay far below the limits',
  ),
  accept(
    ['dblreq', 'RFC 4475 §3.1.1.8'],
    'application',
    { method: 'REGISTER', callId: 'dblreq.0ha0isndaksdj99sdfafnl3lk233412', cseq: 8, viaCount: 1, bodyLength: 0 },
    'what follows Content-Length bytes in a datagram is noise (RFC 3261 §18.3)',
  ),
  accept(
    ['semiuri', 'RFC 4475 §3.1.1.9'],
    'application',
    {
      ...{ method: 'OPTIONS', user: 'user;par=u%40example.net', host: 'example.com', uriParams: [] },
      headers: {
        Accept:
          'application/sdp, application/pkcs7-mime, multipart/mixed, multipart/signed, message/sip, message/sipfrag',
      },
    },
    'semicolons before the @ belong to the user',
  ),
  accept(
    ['transports', 'RFC 4475 §3.1.1.10'],
    'application',
    {
      method: 'OPTIONS',
      vias: [
        'UDP t1.example.com',
        'SCTP t2.example.com',
        'TLS t3.example.com',
        'UNKNOWN t4.example.com',
        'TCP t5.example.com',
      ],
    },
    'how earlier hops were reached is no concern of ours',
  ),
  accept(
    ['mpart01', 'RFC 4475 §3.1.1.11'],
    'application',
    { method: 'MESSAGE', fromTag: '2fb0dcc9', routes: ['<sip:127.0.0.1:5080>'], bodyLength: 553 },
    'a body is bytes, whatever they say',
  ),
  accept(
    ['unreason', 'RFC 4475 §3.1.1.12'],
    'nothing',
    { status: 200, reason: '= 2**3 * 5**2 но сто девяносто девять - простое', toTag: '2229', bodyLength: 154 },
    'well formed; no transaction of ours waits for it (RFC 3261 §18.1.2)',
  ),
  accept(
    ['noreason', 'RFC 4475 §3.1.1.13'],
    'nothing',
    { status: 100, reason: '', toTag: '902jndnke3' },
    'well formed; no transaction of ours waits for it (RFC 3261 §18.1.2)',
  ),
];
