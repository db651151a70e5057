import type { Socket } from 'node:net';

/** What may wait for an application that does not read: then it is taken for dead. */
export const MAX_QUEUED_BYTES = 32 * 1024 * 1024;

/** Writes frames; all frames of one turn of the event loop leave in one system call. */
export class FrameWriter {
  readonly #socket: Socket;
  #isCorked = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** One frame: the meta line and, if given, CRLF and a SIP message. */
  write(meta: string, message?: Buffer): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength > MAX_QUEUED_BYTES) {
      this.#socket.destroy(new Error('the application does not read'));
      return;
    }
    this.#cork();
    const metaBytes = Buffer.byteLength(meta);
    if (message === undefined) {
      this.#socket.write(`${metaBytes}#${meta}`);
      return;
    }
    this.#socket.write(`${metaBytes + 2 + message.length}#${meta}\r\n`);
    this.#socket.write(message);
  }

  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    setImmediate(this.#uncork);
  }

  readonly #uncork = (): void => {
    this.#isCorked = false;
    this.#socket.uncork();
  };
}
