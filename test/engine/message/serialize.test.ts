import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Headers } from '../../../sip/engine/message/headers.ts';
import type { SipMessage } from '../../../sip/engine/message/message.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { serialize, serializeText } from '../../../sip/engine/message/serialize.ts';
import { bytesOf, inviteLines } from './sample.ts';

const rich = bytesOf(
  [
    'INVITE sip:bob@192.0.2.4;transport=udp SIP/2.0',
    'v: SIP/2.0/UDP 192.0.2.1:5070;rport;branch=z9hG4bK7, SIP/2.0/TCP [2001:db8::1];branch=z9hG4bK8',
    'Record-Route: <sip:p1;lr>,<sip:p2;lr>',
    'From: "A \\"B\\", C" <sip:alice@192.0.2.1>;tag=1',
    't: sip:bob@192.0.2.4',
    'Call-ID : a84b4c76e66710',
    'CSeq: 314159 INVITE',
    'Subject: folded',
    ' over lines with ümlaut',
    'X-PH-RetreaverUUID: 1',
    'Content-Type: application/sdp',
    'l: 15',
  ],
  'v=0\r\ns=über\r\n\r\n',
);

function plain(message: SipMessage): unknown {
  const { headers, body, ...start } = message;
  return { ...start, body: body.toString('hex'), headers: [...headers].filter(([name]) => name !== 'Content-Length') };
}

describe('serialize', () => {
  it('keeps the meaning of a parsed message', () => {
    const message = parseMessage(rich);
    const again = parseMessage(serialize(message));
    expect(plain(again)).toEqual(plain(message));
    expect(serialize(again)).toEqual(serialize(message));
  });

  it('puts a Content-Length counted in bytes last (RFC 3261 §20.14)', () => {
    const message = parseMessage(bytesOf(inviteLines));
    message.body = Buffer.from('ü☎');
    message.headers.append('X-After', '1');
    message.headers.set('Content-Length', '99');
    expect(serialize(message).toString()).toMatch(/\r\nX-After: 1\r\nContent-Length: 5\r\n\r\nü☎$/);
    expect(serializeText(message)).toBe(serialize(message).toString());
  });

  it('counts the text it gives when a body is not UTF-8', () => {
    const message = parseMessage(bytesOf(inviteLines));
    message.body = Buffer.from([0xff, 0x61]);
    expect(serializeText(message)).toMatch(/Content-Length: 4\r\n\r\n\ufffda$/);
  });

  it.each([
    ['value', 'Subject', 'a\r\nVia: evil'],
    ['value', 'Subject', 'a\rb'],
    ['value', 'Subject', 'a\nb'],
    ['name', 'Subject\r\nX', 'a'],
  ])('refuses a line break in a header %s', (_part, name, value) => {
    const message = parseMessage(bytesOf(inviteLines));
    message.headers.append(name, value);
    expect(() => serialize(message)).toThrow('line break');
    expect(() => serializeText(message)).toThrow('line break');
  });

  it('refuses a line break in the start line', () => {
    const response: SipMessage = {
      kind: 'response',
      status: 200,
      reason: 'OK\r\nX: y',
      headers: new Headers(),
      body: Buffer.alloc(0),
    };
    expect(() => serialize(response)).toThrow('line break');
  });
});

describe('hostile bytes', () => {
  const survives = (bytes: Buffer): void => {
    for (const stream of [false, true]) {
      try {
        const message = parseMessage(bytes, { stream });
        expect(plain(parseMessage(serialize(message), { stream }))).toEqual(plain(message));
      } catch (error) {
        if (!(error instanceof ParseError)) throw error;
        if (error.partial !== undefined) serialize(error.partial);
      }
    }
  };

  it('never throw anything but ParseError, and what parses can be sent on', () => {
    const flips = fc.array(fc.tuple(fc.nat(rich.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 });
    fc.assert(
      fc.property(flips, (changes) => {
        const bytes = Buffer.from(rich);
        for (const [at, value] of changes) bytes[at] = value;
        survives(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throw when a single byte is any mark of the grammar', () => {
    for (let at = 0; at < rich.length; at += 1) {
      for (const mark of '\r\n\0 \t:;,<>"\\@=?[]/') {
        const bytes = Buffer.from(rich);
        bytes[at] = mark.charCodeAt(0);
        survives(bytes);
      }
    }
  });

  it('never throw when cut anywhere or made of noise', () => {
    for (let length = 0; length <= rich.length; length += 1) survives(rich.subarray(0, length));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => survives(Buffer.from(noise))));
  });
});
