import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Random } from './seeded-random.ts';

/** Shares of datagrams, 0..1, to which something happens. A delay is what reorders them. */
export interface Weather {
  readonly lost: number;
  readonly duplicated: number;
  readonly delayed: number;
  /** Longest delay. */
  readonly delayMs: number;
}

export interface Conveyed {
  datagrams: number;
  lost: number;
  duplicated: number;
  delayed: number;
}

interface Ends {
  readonly address: string;
  readonly port: number;
}

/**
 * A stretch of bad network in front of a UDP service: who sends to `port` reaches the target, and back, through its own
 * address on the way, like a NAT. Give it an address of its own (127.0.0.x) so that peers notice it.
 */
export class LossyNetwork implements AsyncDisposable {
  readonly conveyed: Conveyed = { datagrams: 0, lost: 0, duplicated: 0, delayed: 0 };
  readonly #front: Socket;
  readonly #target: Ends;
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #wayOfClient = new Map<string, Promise<Socket>>();
  #isClosed = false;

  static async open(address: string, target: Ends, weather: Weather, random: Random): Promise<LossyNetwork> {
    return new LossyNetwork(await boundSocket(address), target, weather, random);
  }

  private constructor(front: Socket, target: Ends, weather: Weather, random: Random) {
    this.#front = front;
    this.#target = target;
    this.#weather = weather;
    this.#random = random;
    front.on('message', (bytes, client) => this.#fromClient(bytes, client));
  }

  get address(): string {
    return this.#front.address().address;
  }

  get port(): number {
    return this.#front.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#front.close();
    for (const way of this.#wayOfClient.values()) (await way).close();
  }

  #fromClient(bytes: Buffer, client: RemoteInfo): void {
    this.#convey(async () => {
      const way = await this.#wayOf(client);
      if (!this.#isClosed) way.send(bytes, this.#target.port, this.#target.address);
    });
  }

  #wayOf(client: RemoteInfo): Promise<Socket> {
    const key = `${client.address}:${client.port}`;
    const known = this.#wayOfClient.get(key);
    if (known !== undefined) return known;
    const way = this.#openWay(client);
    this.#wayOfClient.set(key, way);
    return way;
  }

  async #openWay(client: RemoteInfo): Promise<Socket> {
    const way = await boundSocket(this.address);
    way.on('message', (bytes) =>
      this.#convey(() => {
        if (!this.#isClosed) this.#front.send(bytes, client.port, client.address);
      }),
    );
    return way;
  }

  #convey(send: () => unknown): void {
    this.conveyed.datagrams += 1;
    if (this.#happens('lost')) return;
    const copies = this.#happens('duplicated') ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (this.#happens('delayed')) setTimeout(send, this.#random() * this.#weather.delayMs);
      else send();
    }
  }

  #happens(what: 'lost' | 'duplicated' | 'delayed'): boolean {
    const happens = this.#random() < this.#weather[what];
    if (happens) this.conveyed[what] += 1;
    return happens;
  }
}

async function boundSocket(address: string): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1_048_576 });
  socket.bind(0, address);
  await once(socket, 'listening');
  return socket;
}
