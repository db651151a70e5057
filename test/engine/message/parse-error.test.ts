import { describe, expect, it } from 'vitest';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { bytesOf, inviteLines, inviteWith } from './sample.ts';

function faultOf(bytes: Buffer, stream = false): ParseError {
  try {
    parseMessage(bytes, { stream });
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
  throw new Error('no fault found');
}

describe('a request that can be answered', () => {
  it.each([
    ['From', 400, 'Bad Request', 'missing_header'],
    ['To', 400, 'Bad Request', 'missing_header'],
    ['Call-ID', 400, 'Bad Request', 'missing_header'],
    ['CSeq', 400, 'Bad Request', 'missing_header'],
  ])('without %s gets %i %s (RFC 3261 §8.1.1)', (name, status, message, code) => {
    const fault = faultOf(inviteWith(name));
    expect(fault).toMatchObject({ status, message, code, header: name });
    expect(fault.partial).toMatchObject({ method: 'INVITE' });
  });

  it.each([
    ['CSeq', 'CSeq: 1 BYE', 400, 'Bad Request', 'cseq_mismatch'],
    ['CSeq', 'CSeq: 36893488147419103232 INVITE', 400, 'Bad CSeq Header', 'bad_header'],
    ['CSeq', 'CSeq: INVITE', 400, 'Bad CSeq Header', 'bad_header'],
    ['From', 'From: "Alice <sip:alice@h>;tag=1', 400, 'Bad From Header', 'bad_header'],
    ['To', 'To: <sip:bob@h', 400, 'Bad To Header', 'bad_header'],
    ['To', 'To:', 400, 'Bad To Header', 'bad_header'],
    ['Call-ID', 'Call-ID:', 400, 'Bad Call-ID Header', 'bad_header'],
    // Fields of the control protocol end there: what follows would name another dialog.
    ['Call-ID', 'Call-ID: victim;from-tag=1|x', 400, 'Bad Call-ID Header', 'bad_header'],
    ['From', 'From: <sip:alice@h>;tag=1|x', 400, 'Bad From Header', 'bad_header'],
    ['Content-Length', 'Content-Length: -999', 400, 'Bad Content-Length Header', 'bad_header'],
    ['Content-Length', 'Content-Length: 9999999', 413, 'Request Entity Too Large', 'too_large'],
    ['Contact', 'no colon in this line', 400, 'Bad Request', 'bad_header_line'],
    ['Contact', 'Bad Name: x', 400, 'Bad Request', 'bad_header_line'],
    ['Contact', `Subject: ${'x'.repeat(9_000)}`, 513, 'Message Too Large', 'too_large'],
    ['INVITE', 'INVITE sip:bob@h SIP/7.0', 505, 'Version Not Supported', 'bad_version'],
    ['INVITE', 'INVITE sip:bob@h HTTP/1.1', 400, 'Bad Request', 'bad_start_line'],
    ['INVITE', 'INVITE sip:bob@h', 400, 'Bad Request', 'bad_start_line'],
    ['INVITE', 'INVITE sip:bob@h; lr SIP/2.0', 400, 'Bad Request-URI', 'bad_uri'],
    ['INVITE', 'INVITE <sip:bob@h> SIP/2.0', 400, 'Bad Request-URI', 'bad_uri'],
    ['INVITE', 'INVITE  SIP/2.0', 400, 'Bad Request-URI', 'bad_uri'],
  ])('whose %s is %j gets %i %s (RFC 3261 §21.4.1)', (name, line, status, message, code) => {
    const fault = faultOf(inviteWith(name, line));
    expect(fault).toMatchObject({ status, message, code });
    expect(fault.partial).toMatchObject({ method: 'INVITE' });
  });

  it.each(['From', 'To', 'Call-ID', 'CSeq', 'Content-Length'])(
    'with two %s lines is refused (RFC 4475 §3.3.8)',
    (name) => {
      const line = inviteLines.find((each) => each.startsWith(name))!;
      expect(faultOf(inviteWith(name, line, line))).toMatchObject({ code: 'duplicate_header', header: name });
    },
  );

  it('with an empty element among its Vias is refused (RFC 4475 §3.1.2.1)', () => {
    const fault = faultOf(inviteWith('Via', 'Via: SIP/2.0/UDP 192.0.2.15;;,;,,'));
    expect(fault).toMatchObject({ status: 400, message: 'Bad Via Header' });
  });

  it('with more header lines than the limit is refused', () => {
    const many = Array.from({ length: 300 }, (_, n) => `X-${n}: y`);
    expect(faultOf(inviteWith('Contact', ...many))).toMatchObject({ code: 'too_large', status: 513 });
  });

  it('with more list elements than the limit is refused', () => {
    const fault = faultOf(inviteWith('Contact', `Route: ${'<sip:a>,'.repeat(300)}<sip:b>`));
    expect(fault).toMatchObject({ code: 'too_large', status: 513 });
  });

  it('without the blank line that ends the headers is refused (RFC 3261 §7)', () => {
    expect(faultOf(Buffer.from(inviteLines.join('\r\n')))).toMatchObject({ code: 'no_blank_line', status: 400 });
  });

  it('on a stream needs Content-Length and its whole body (RFC 3261 §18.3)', () => {
    expect(faultOf(inviteWith('Content-Length'), true)).toMatchObject({ code: 'bad_header', status: 400 });
    expect(faultOf(inviteWith('Content-Length', 'Content-Length: 9'), true)).toMatchObject({ code: 'body_too_short' });
  });
});

describe('bytes nobody can be answered for', () => {
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['no SIP', Buffer.from('hello\r\n\r\n')],
    ['noise', Buffer.from([0xff, 0xfe, 0, 1, 2, 13, 10, 13, 10])],
    ['no Via', inviteWith('Via')],
    ['an unreadable Via', inviteWith('Via', 'Via: SIP/2.0/UDP :')],
    ['a CR of its own', inviteWith('Contact', 'Subject: a\rVia: evil')],
    ['a NUL', inviteWith('Contact', 'Subject: a\0b')],
    ['a NUL in quotes without its backslash', inviteWith('To', 'To: "\0" <sip:bob@h>')],
    [
      'a response without CSeq',
      bytesOf(['SIP/2.0 200 OK', ...inviteLines.slice(1).filter((l) => !l.startsWith('CSeq'))]),
    ],
    ['an overlarge status', bytesOf(['SIP/2.0 4294967301 better', ...inviteLines.slice(1)])],
    ['status 700', bytesOf(['SIP/2.0 700 no', ...inviteLines.slice(1)])],
  ])('have no partial request: %s', (_what, bytes) => {
    expect(faultOf(bytes).partial).toBeUndefined();
  });

  it('reads nothing after an LF without its CR', () => {
    const fault = faultOf(inviteWith('Max-Forwards', 'Subject: a\nVia: evil'));
    expect(fault.code).toBe('bad_header_line');
    expect(fault.partial?.headers.getAll('Via')).toHaveLength(1);
  });

  it('finds an LF inside a folded line', () => {
    const fault = faultOf(inviteWith('Max-Forwards', 'Subject: a\n b'));
    expect(fault.code).toBe('bad_header_line');
    expect(fault.partial?.headers.has('Subject')).toBe(false);
  });
});
