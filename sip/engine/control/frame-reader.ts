import { ControlProtocolError } from './control-protocol-error.ts';

const HASH = 0x23;
const ZERO = 0x30;
const NINE = 0x39;
const MAX_LENGTH_DIGITS = 9;
/** From whoever has not shown that it knows the secret. */
const MAX_FIRST_FRAME_BYTES = 4 * 1024;
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/**
 * Cuts a byte stream into frames, however it was chunked.
 *
 *     <length>#<payload>        length: decimal ASCII, counts the payload's bytes only
 */
export class FrameReader {
  /** Set once the application is known: longer frames are taken from then on. */
  isTrusted = false;
  readonly #onFrame: (payload: Buffer) => void;
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** Bytes needed before looking again makes sense; keeps a long frame in many chunks linear. */
  #needed = 1;

  constructor(onFrame: (payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws ControlProtocolError when the stream cannot be a sequence of frames. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#buffered < this.#needed) return;
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#buffered);
    const consumed = this.#emitFrames(bytes);
    const rest = bytes.subarray(consumed);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#buffered = rest.length;
  }

  #emitFrames(bytes: Buffer): number {
    let start = 0;
    for (;;) {
      const hash = lengthEnd(bytes, start);
      if (hash === undefined) {
        this.#needed = bytes.length - start + 1;
        return start;
      }
      const maxBytes = this.isTrusted ? MAX_FRAME_BYTES : MAX_FIRST_FRAME_BYTES;
      const end = hash + 1 + lengthOf(bytes, start, hash, maxBytes);
      if (end > bytes.length) {
        this.#needed = end - start;
        return start;
      }
      this.#onFrame(bytes.subarray(hash + 1, end));
      start = end;
    }
  }
}

/** Where the `#` is; undefined while only digits have arrived. */
function lengthEnd(bytes: Buffer, start: number): number | undefined {
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === HASH && at > start) return at;
    if (byte < ZERO || byte > NINE) throw new ControlProtocolError('frame length is not a number');
    if (at - start >= MAX_LENGTH_DIGITS) throw new ControlProtocolError('frame length has too many digits');
  }
  return undefined;
}

function lengthOf(bytes: Buffer, start: number, end: number, maxBytes: number): number {
  let length = 0;
  for (let at = start; at < end; at += 1) length = length * 10 + bytes[at]! - ZERO;
  if (length > maxBytes) throw new ControlProtocolError('frame too long');
  return length;
}
