import { describe, expect, it } from 'vitest';
import { tagOf } from '../../../sip/engine/message/name-addr.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { topVia } from '../../../sip/engine/message/via.ts';
import { bytesOf, inviteLines, inviteWith } from './sample.ts';

describe('parseMessage', () => {
  it('reads a request (RFC 3261 §7.1)', () => {
    const message = parseMessage(bytesOf(inviteLines));
    expect(message).toMatchObject({ kind: 'request', method: 'INVITE', uri: 'sip:bob@192.0.2.4' });
    expect(message.headers.get('Call-ID')).toBe('a84b4c76e66710');
    expect(message.headers.size).toBe(8);
    expect(message.body.length).toBe(0);
  });

  it.each([
    ['SIP/2.0 200 OK', 200, 'OK'],
    ['SIP/2.0 180 Ringing at home', 180, 'Ringing at home'],
    ['SIP/2.0 486 ', 486, ''],
    ['SIP/2.0 699', 699, ''],
  ])('reads the status line %j (RFC 3261 §7.2)', (line, status, reason) => {
    const message = parseMessage(bytesOf([line, ...inviteLines.slice(1)]));
    expect(message).toMatchObject({ kind: 'response', status, reason });
  });

  it('expands compact names in a whole message (RFC 3261 §7.3.3)', () => {
    const message = parseMessage(
      bytesOf([
        'BYE sip:bob@h SIP/2.0',
        'v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
        'f: <sip:a@h>;tag=1',
        't: <sip:b@h>;tag=2',
        'i: x',
        'CSeq: 2 BYE',
        'l: 0',
      ]),
    );
    expect([...message.headers].map(([name]) => name)).toEqual([
      'Via',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Content-Length',
    ]);
  });

  it('unfolds lines that continue with a blank or a tab (RFC 3261 §7.3.1)', () => {
    const message = parseMessage(inviteWith('Contact', 'Subject: I know', '   you are there,', '\tpick up'));
    expect(message.headers.get('Subject')).toBe('I know you are there, pick up');
  });

  it.each([
    [['Contact:', ' <sip:a@h>'], '<sip:a@h>'],
    [['Contact: ', '\t <sip:a@h>', ' '], '<sip:a@h>'],
    [['Contact: <sip:a@h>', '  \t', ' ;q=1 '], '<sip:a@h>  ;q=1'],
  ])('leaves no blanks of the fold around the value of %j', (lines, value) => {
    expect(parseMessage(inviteWith('Contact', ...lines)).headers.get('Contact')).toBe(value);
  });

  it('accepts blanks before the colon, as `Via : x` (RFC 3261 §7.3.1)', () => {
    const message = parseMessage(
      inviteWith('Via', 'Via : SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1', 'Subject \t :  hi \t'),
    );
    expect(topVia(message).branch).toBe('z9hG4bK1');
    expect(message.headers.get('Subject')).toBe('hi');
  });

  it('takes the first of two To tags', () => {
    const message = parseMessage(inviteWith('To', 'To: <sip:bob@h>;tag=ours;tag=theirs'));
    expect(tagOf(message.headers.get('To')!)).toBe('ours');
  });

  it('does without Contact, Max-Forwards and Content-Length', () => {
    const bare = inviteLines.filter((line) => !/^(Contact|Max-Forwards|Content-Length)/.test(line));
    expect(parseMessage(bytesOf(bare)).kind).toBe('request');
  });

  it('accepts a From without a tag and an address without brackets', () => {
    expect(parseMessage(inviteWith('From', 'From: sip:alice@192.0.2.1')).headers.get('From')).toBe(
      'sip:alice@192.0.2.1',
    );
  });

  it('accepts an ACK with `CSeq: n INVITE`', () => {
    const ack = bytesOf(['ACK sip:sip:bob@192.0.2.4 SIP/2.0', ...inviteLines.slice(1)]);
    expect(parseMessage(ack)).toMatchObject({ method: 'ACK', uri: 'sip:sip:bob@192.0.2.4' });
  });

  it('gives each Via and Route of one line its own entry (RFC 3261 §7.3.1)', () => {
    const message = parseMessage(
      inviteWith(
        'Via',
        'Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b;branch=z9hG4bK2',
        'Via: SIP/2.0/UDP c;branch=z9hG4bK3',
        'Record-Route: <sip:p1,x@h;lr>,<sip:p2;lr>',
        'Route: "a,b" <sip:p3;lr> , <sip:p4>',
      ),
    );
    expect(message.headers.getAll('Via').map((via) => via.slice(-9))).toEqual(
      ['z9hG4bK1', 'z9hG4bK2', 'z9hG4bK3'].map((b) => `=${b}`),
    );
    expect(message.headers.getAll('Record-Route')).toEqual(['<sip:p1,x@h;lr>', '<sip:p2;lr>']);
    expect(message.headers.getAll('Route')).toEqual(['"a,b" <sip:p3;lr>', '<sip:p4>']);
  });

  it('skips line breaks before the start line (RFC 3261 §7.5)', () => {
    expect(parseMessage(Buffer.concat([Buffer.from('\r\n\r\n'), bytesOf(inviteLines)])).kind).toBe('request');
  });

  it('reads UTF-8 header text and counts the body in bytes (RFC 3261 §7.3.1, §20.14)', () => {
    const body = 'größer';
    const lines = inviteLines.map((line) => (line.startsWith('Content-Length') ? 'Content-Length: 8' : line));
    const message = parseMessage(bytesOf([...lines, 'Subject: Grüße ☎'], body));
    expect(message.headers.get('Subject')).toBe('Grüße ☎');
    expect(message.body.toString()).toBe(body);
  });
});

describe('the body of a datagram', () => {
  const withLength = (length: string): string[] =>
    inviteLines.map((line) => line.replace(/^(Content-Length:).*/, `$1 ${length}`));

  it('is cut at Content-Length (RFC 3261 §18.3)', () => {
    expect(parseMessage(bytesOf(withLength('3'), 'abcdef')).body.toString()).toBe('abc');
  });

  it('is taken as present when Content-Length says more', () => {
    expect(parseMessage(bytesOf(withLength('300'), 'abcdef')).body.toString()).toBe('abcdef');
  });

  it('reaches to the end without Content-Length (RFC 3261 §18.3)', () => {
    const lines = inviteLines.filter((line) => !line.startsWith('Content-Length'));
    expect(parseMessage(bytesOf(lines, 'abcdef')).body.toString()).toBe('abcdef');
  });
});
