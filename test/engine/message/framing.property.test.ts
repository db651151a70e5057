import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../../../sip/engine/control/frame-reader.ts';
import { StreamFramer } from '../../../sip/engine/transport/stream/stream-framer.ts';
import { mutated } from '../support/mutation.ts';
import { meaning, mutations, spelling, written } from './message-arbitrary.ts';

const options = { seed: 3261, numRuns: 1_000 };
const cuts = fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 30 });

/** The bytes in pieces of the given sizes, again and again; each piece in memory of its own that is wiped after use. */
function inPieces(bytes: Buffer, sizes: readonly number[], use: (piece: Buffer) => void): void {
  for (let start = 0, at = 0; start < bytes.length; at += 1) {
    const size = Math.max(1, sizes[at % sizes.length]!);
    const piece = Buffer.from(bytes.subarray(start, start + size));
    use(piece);
    start += size;
  }
}

function framed(bytes: Buffer, sizes: readonly number[]): { found: string[]; isBroken: boolean } {
  const found: string[] = [];
  const framer = new StreamFramer({
    message: (message) => found.push(message.toString('hex')),
    ping: () => found.push('ping'),
  });
  inPieces(bytes, sizes, (piece) => framer.push(piece));
  return { found, isBroken: framer.isBroken };
}

describe(`a stream of messages, however chunked (RFC 3261 §18.3, seed ${options.seed})`, () => {
  const messages = fc.array(fc.tuple(meaning, spelling, fc.constantFrom('', '\r\n\r\n', '\r\n')), { maxLength: 4 });

  it('gives the messages that were sent', () => {
    fc.assert(
      fc.property(messages, cuts, (sent, sizes) => {
        const each = sent.map(([message, choices]) => written(message, choices));
        const stream = Buffer.concat(each.flatMap((bytes, at) => [Buffer.from(sent[at]![2]), bytes]));
        const { found, isBroken } = framed(stream, sizes);
        expect(found.filter((item) => item !== 'ping')).toEqual(each.map((bytes) => bytes.toString('hex')));
        expect(isBroken).toBe(false);
      }),
      options,
    );
  });

  it('gives the same when it is damaged', () => {
    fc.assert(
      fc.property(messages, mutations, cuts, (sent, changes, sizes) => {
        const whole = Buffer.concat(sent.map(([message, choices]) => written(message, choices)));
        const stream = mutated(whole, changes);
        expect(framed(stream, sizes)).toEqual(framed(stream, [stream.length + 1]));
      }),
      options,
    );
  });
});

function frames(bytes: Buffer, sizes: readonly number[]): string[] {
  const found: string[] = [];
  const reader = new FrameReader((payload) => found.push(payload.toString('hex')));
  try {
    inPieces(bytes, sizes, (piece) => reader.push(piece));
  } catch (error) {
    found.push(`${(error as Error).name}: ${(error as Error).message}`);
  }
  return found;
}

describe(`a stream of control frames, however chunked (seed ${options.seed})`, () => {
  const payloads = fc.array(
    fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
    { maxLength: 5 },
  );
  const streamOf = (each: readonly Buffer[]): Buffer =>
    Buffer.concat(each.flatMap((payload) => [Buffer.from(`${payload.length}#`), payload]));

  it('gives the payloads that were sent', () => {
    fc.assert(
      fc.property(payloads, cuts, (sent, sizes) => {
        expect(frames(streamOf(sent), sizes)).toEqual(sent.map((payload) => payload.toString('hex')));
      }),
      options,
    );
  });

  it('gives the same frames, then the same fault, when it is damaged', () => {
    fc.assert(
      fc.property(payloads, mutations, cuts, (sent, changes, sizes) => {
        const stream = mutated(streamOf(sent), changes);
        expect(frames(stream, sizes)).toEqual(frames(stream, [stream.length + 1]));
      }),
      options,
    );
  });
});
