import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type EngineHandle, startEngine } from '../../../sip/engine/index.ts';
import { RawApplication } from './raw-application.ts';

const METHODS = 'invite options register message bye info notify subscribe publish refer update prack cancel ack'.split(
  ' ',
);

/** What came of a message: the status lines on the wire, and the start lines the application was given. */
export interface Outcome {
  readonly answers: string[];
  readonly delivered: string[];
}

/** An engine on UDP with one application that takes every known method and never answers, and a peer's socket. */
export class TortureLine implements AsyncDisposable {
  readonly errors: unknown[];
  readonly #engine: EngineHandle;
  readonly #application: RawApplication;
  readonly #socket: Socket;

  static async open(): Promise<TortureLine> {
    const errors: unknown[] = [];
    const engine = await startEngine({
      listen: [{ protocol: 'udp', address: '127.0.0.1', port: 0 }],
      control: { address: '127.0.0.1', port: 0 },
      secret: 'sesame',
      log: (level, message, fields) => level === 'error' && errors.push([message, fields]),
    });
    const application = await RawApplication.connect(engine.controlPort);
    await application.ask('authenticate|sesame|');
    for (const method of METHODS) await application.ask(`route|${method}`);
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new TortureLine(engine, application, socket, errors);
  }

  private constructor(engine: EngineHandle, application: RawApplication, socket: Socket, errors: unknown[]) {
    this.#engine = engine;
    this.#application = application;
    this.#socket = socket;
    this.errors = errors;
  }

  /** Sends the bytes, then a request whose answer shows that the engine is done with them. */
  async outcomeOf(bytes: Buffer): Promise<Outcome> {
    const { port } = this.#engine.listeningPoints[0]!;
    const answers: string[] = [];
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#socket.on('message', (answer) => {
      const text = answer.toString();
      if (text.includes('Call-ID: mark\r\n')) resolve();
      else answers.push(text.slice(0, text.indexOf('\r\n')));
    });
    this.#socket.send(bytes, port, '127.0.0.1');
    this.#socket.send(mark, port, '127.0.0.1');
    await done;
    return { answers, delivered: await this.#deliveredSoFar() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#application.socket.destroy();
    this.#socket.close();
    await this.#engine.close();
  }

  async #deliveredSoFar(): Promise<string[]> {
    const delivered: string[] = [];
    this.#application.send('ping');
    for (;;) {
      const [meta = '', startLine] = (await this.#application.receive()).split('\r\n');
      if (startLine === undefined && meta.includes('|response|')) return delivered;
      delivered.push(startLine ?? meta);
    }
  }
}

const mark = [
  'MARK sip:mark@127.0.0.1 SIP/2.0',
  'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKmark',
  'From: <sip:mark@127.0.0.1>;tag=mark',
  'To: <sip:mark@127.0.0.1>',
  'Call-ID: mark',
  'CSeq: 1 MARK',
  '\r\n',
].join('\r\n');
