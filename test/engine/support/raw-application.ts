import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { FrameReader } from '../../../sip/engine/control/frame-reader.ts';

/** An application that speaks the control protocol by hand, frame by frame. */
export class RawApplication {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #frames: string[] = [];
  readonly #waiting: ((frame: string) => void)[] = [];
  #count = 0;

  static async connect(port: number): Promise<RawApplication> {
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawApplication(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    const reader = new FrameReader((payload) => this.#onFrame(payload.toString()));
    reader.isTrusted = true;
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('error', () => {});
  }

  /** Sends a frame and returns its id. */
  send(command: string): string {
    this.#count += 1;
    const payload = `id-${this.#count}|${command}`;
    this.socket.write(`${Buffer.byteLength(payload)}#${payload}`);
    return `id-${this.#count}`;
  }

  /** The next frame. */
  receive(): Promise<string> {
    const frame = this.#frames.shift();
    return frame === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(frame);
  }

  /** Sends a frame and returns the fields of the next one after `response|<id>`. */
  async ask(command: string): Promise<string[]> {
    const id = this.send(command);
    const [, kind, answered, ...fields] = (await this.receive()).split('\r\n')[0]!.split('|');
    if (kind !== 'response' || answered !== id) throw new Error(`no answer to ${command}`);
    return fields;
  }

  #onFrame(frame: string): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#frames.push(frame);
    else waiting(frame);
  }
}
