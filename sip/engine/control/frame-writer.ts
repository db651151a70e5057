import type { Socket } from 'node:net';

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
