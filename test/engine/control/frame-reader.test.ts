import { describe, expect, it } from 'vitest';
import { ControlProtocolError } from '../../../sip/engine/control/control-protocol-error.ts';
import { FrameReader } from '../../../sip/engine/control/frame-reader.ts';

const frame = (payload: string) => `${Buffer.byteLength(payload)}#${payload}`;
const payloads = [
  'a|ping',
  'b|sip|t|\r\nINFO sip:x SIP/2.0\r\nSubject: Grüße 👋\r\n\r\n',
  'c|route|invite',
  'd|x|12#3',
];
const stream = Buffer.from(payloads.map(frame).join(''));

const read = (...chunks: Buffer[]) => {
  const frames: string[] = [];
  const reader = new FrameReader((payload) => frames.push(payload.toString()));
  reader.isTrusted = true;
  for (const chunk of chunks) reader.push(chunk);
  return frames;
};

describe('frame reader', () => {
  it('reads several frames out of one chunk, lengths counting bytes', () => {
    expect(read(stream)).toEqual(payloads);
  });

  it('reads frames split at every byte', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      expect(read(stream.subarray(0, at), stream.subarray(at)), `split at ${at}`).toEqual(payloads);
    }
  });

  it('reads frames that arrive byte by byte', () => {
    expect(read(...Array.from(stream, (byte) => Buffer.of(byte)))).toEqual(payloads);
  });

  it('reads a frame of a megabyte in small chunks in time linear in its length', () => {
    const payload = 'x'.repeat(1_000_000);
    const bytes = Buffer.from(frame(payload));
    const chunks = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, n) =>
      bytes.subarray(n * 100, n * 100 + 100),
    );
    expect(read(...chunks)).toEqual([payload]);
  });

  it('reads an empty frame', () => {
    expect(read(Buffer.from('0#5#hello'))).toEqual(['', 'hello']);
  });

  for (const [what, text] of [
    ['a letter in the length', '12a#'],
    ['a sign', '-1#'],
    ['no length at all', '#abc'],
    ['more than nine digits', '1234567890#'],
    ['more than nine digits without an end', '1234567890'],
    ['a length beyond the limit', '99999999#'],
    ['HTTP', 'GET / HTTP/1.1\r\n'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => read(Buffer.from(text))).toThrow(ControlProtocolError);
    });
  }
});
