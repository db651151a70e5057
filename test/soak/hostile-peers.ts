import { createSocket } from 'node:dgram';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { pick, type Random } from '../support/seeded-random.ts';
import { HostileMessages } from './hostile-messages.ts';

export interface Ports {
  readonly udp: number;
  readonly tcp: number;
  readonly tls: number;
}

export interface HostileCounts {
  datagrams: number;
  connections: number;
  answers: number;
}

const everyMs = 20;
const patienceMs = 300;

/** Sends damaged messages over UDP, TCP and TLS until stopped. */
export class HostilePeers implements AsyncDisposable {
  readonly counts: HostileCounts = { datagrams: 0, connections: 0, answers: 0 };
  readonly #ports: Ports;
  readonly #random: Random;
  readonly #messages: HostileMessages;
  readonly #socket = createSocket('udp4');
  readonly #connections = new Set<Socket>();
  readonly #interval: NodeJS.Timeout;
  #owed = 0;

  constructor(ports: Ports, datagramsPerSecond: number, random: Random) {
    this.#ports = ports;
    this.#random = random;
    this.#messages = new HostileMessages(random);
    this.#socket.on('message', (answer) => {
      this.counts.answers += 1;
      this.#messages.learn(answer.toString());
    });
    this.#interval = setInterval(() => this.#act((datagramsPerSecond * everyMs) / 1_000), everyMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#interval);
    for (const connection of this.#connections) connection.destroy();
    await new Promise<void>((closed) => this.#socket.close(closed));
  }

  #act(datagrams: number): void {
    this.#owed += datagrams;
    for (; this.#owed >= 1; this.#owed -= 1) {
      this.counts.datagrams += 1;
      this.#socket.send(this.#messages.next(), this.#ports.udp, '127.0.0.1');
    }
    if (this.#random() < 0.3) this.#connect();
  }

  /** A few messages in odd pieces over a connection that is gone soon, sometimes in the middle of one. */
  #connect(): void {
    this.counts.connections += 1;
    const { tcp, tls } = this.#ports;
    const socket =
      this.#random() < 0.8
        ? connectTcp(tcp, '127.0.0.1')
        : connectTls({ port: tls, host: '127.0.0.1', rejectUnauthorized: false });
    this.#connections.add(socket);
    socket.on('error', () => {});
    socket.on('data', (answer) => this.#messages.learn(answer.toString()));
    socket.once('close', () => this.#connections.delete(socket));
    const messages = Array.from({ length: 1 + Math.floor(this.#random() * 5) }, () => this.#messages.next());
    const bytes = Buffer.concat(messages);
    for (let at = 0; at < bytes.length; ) {
      const size = pick(this.#random, [1, 7, 100, 1_000]);
      socket.write(bytes.subarray(at, at + size));
      at += size;
    }
    setTimeout(() => (this.#random() < 0.5 ? socket.destroy() : socket.end()), this.#random() * patienceMs).unref();
  }
}
