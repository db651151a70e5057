import { describe, expect, it } from 'vitest';
import { StreamFramer } from '../../../sip/engine/transport/stream/stream-framer.ts';

const message = (body: string, name = 'Content-Length'): string =>
  `INFO sip:b@h SIP/2.0\r\nVia: x\r\n${name}: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

interface Framed {
  readonly found: string[];
  readonly framer: StreamFramer;
}

function framed(chunks: readonly Buffer[]): Framed {
  const found: string[] = [];
  const framer = new StreamFramer({
    message: (bytes) => found.push(bytes.toString()),
    ping: () => found.push('ping'),
  });
  for (const chunk of chunks) framer.push(chunk);
  return { found, framer };
}

describe('StreamFramer (RFC 3261 §18.3)', () => {
  const messages = [message(''), message('größer\r\n\r\n', 'l'), message('v=0\r\n', 'CONTENT-LENGTH '), message('x')];
  const stream = Buffer.from(messages.join(''));

  it('cuts several messages out of one chunk', () => {
    expect(framed([stream]).found).toEqual(messages);
  });

  it('joins messages split at any one byte', () => {
    for (let at = 1; at < stream.length; at += 1) {
      expect(framed([stream.subarray(0, at), stream.subarray(at)]).found).toEqual(messages);
    }
  });

  it.each([1, 2, 3, 7, 50, 130])('joins messages that come %i bytes at a time', (size) => {
    const chunks: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) chunks.push(Buffer.from(stream.subarray(at, at + size)));
    expect(framed(chunks).found).toEqual(messages);
  });

  it.each([1, 2, 3, 4, 100])('finds double CRLFs between messages, %i bytes at a time (RFC 5626 §4.4.1)', (size) => {
    const mixed = Buffer.from(`\r\n\r\n${message('a')}\r\n${message('b')}\r\n\r\n\r\n\r\n`);
    const chunks: Buffer[] = [];
    for (let at = 0; at < mixed.length; at += size) chunks.push(Buffer.from(mixed.subarray(at, at + size)));
    expect(framed(chunks).found).toEqual(['ping', message('a'), message('b'), 'ping', 'ping']);
  });

  it.each([
    ['missing', 'Via: x'],
    ['no number', 'Content-Length: abc'],
    ['negative', 'Content-Length: -1'],
    ['repeated', 'Content-Length: 1\r\nl: 2'],
    ['too large', 'Content-Length: 9999999'],
  ])('hands on the head and stops when Content-Length is %s', (_what, line) => {
    const head = `INFO sip:b@h SIP/2.0\r\n${line}\r\n\r\n`;
    const { found, framer } = framed([Buffer.from(`${head}body`), Buffer.from(message('later'))]);
    expect(found).toEqual([head]);
    expect(framer.isBroken).toBe(true);
  });

  it('gives up on a head that never ends', () => {
    const { found, framer } = framed(Array.from({ length: 70 }, () => Buffer.alloc(1_000, 'a')));
    expect(found).toEqual([]);
    expect(framer.isBroken).toBe(true);
  });
});
