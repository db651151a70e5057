import type { Socket } from 'node:net';
import type { EndOfTurn } from '../transport/end-of-turn.ts';

/** What may wait for an application that does not read: then it is taken for dead. */
export const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

const BATCH_BYTES = 64 * 1024;
/** Of a frame besides its meta line and message: digits of the length, `#`, CRLF. */
const FRAMING_BYTES = 16;

/** Writes frames; all frames of one turn of the event loop leave as one piece, in one system call. */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #endOfTurn: EndOfTurn;
  #batch = Buffer.alloc(0);
  #used = 0;

  constructor(socket: Socket, endOfTurn: EndOfTurn) {
    this.#socket = socket;
    this.#endOfTurn = endOfTurn;
  }

  /** One frame: the meta line and, if given, CRLF and a SIP message. */
  write(meta: string, message?: Buffer): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > MAX_QUEUED_BYTES) {
      this.#socket.destroy(new Error('the application does not read'));
      return;
    }
    const metaBytes = Buffer.byteLength(meta);
    this.#makeRoom(FRAMING_BYTES + metaBytes + (message?.length ?? 0));
    if (this.#used === 0) this.#endOfTurn.do(this.flush);
    this.#endOfTurn.count();
    if (message === undefined) this.#put(`${metaBytes}#${meta}`);
    else {
      this.#put(`${metaBytes + 2 + message.length}#${meta}\r\n`);
      this.#used += message.copy(this.#batch, this.#used);
    }
  }

  /** Lets go of what this turn has written so far. */
  readonly flush = (): void => {
    if (this.#used === 0) return;
    this.#socket.write(this.#batch.subarray(0, this.#used));
    this.#used = 0;
    // What the system has not taken is still read from there.
    if (this.#socket.writableLength > 0) this.#batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  };

  #put(text: string): void {
    this.#used += this.#batch.write(text, this.#used);
  }

  #makeRoom(bytes: number): void {
    if (this.#used + bytes <= this.#batch.length) return;
    this.flush();
    if (bytes > this.#batch.length) this.#batch = Buffer.allocUnsafeSlow(Math.max(bytes, BATCH_BYTES));
  }
}
