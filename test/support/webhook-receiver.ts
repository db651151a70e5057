import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ReceivedWebhook {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Local port of the sender's connection: equal for requests on one kept-alive connection. */
  readonly remotePort: number;
}

/** What the receiver does with the next request; the last one is repeated. */
export type ReceiverAct =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | 'hang'
  | 'reset'
  /** A byte of body now and then, without end. */
  | 'trickle';

/** A real HTTP server standing in for a webhook's endpoint: records each request, answers as scripted. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #script: ReceiverAct[] = [{ status: 200 }];
  #waiting: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((req, res) => void this.#take(req, res));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  script(...acts: ReceiverAct[]): void {
    this.#script = acts;
  }

  /** Resolves when at least so many requests have come; rejects after five seconds. */
  async count(wanted: number, timeoutMs = 5_000): Promise<ReceivedWebhook[]> {
    const deadline = AbortSignal.timeout(timeoutMs);
    while (this.received.length < wanted) {
      await new Promise<void>((resolve, reject) => {
        const late = () => reject(new Error(`${this.received.length} of ${wanted} webhooks came`));
        deadline.addEventListener('abort', late, { once: true });
        this.#waiting.push(() => {
          deadline.removeEventListener('abort', late);
          resolve();
        });
      });
    }
    return this.received;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    this.received.push({
      method: req.method ?? '',
      target: req.url ?? '',
      headers: req.headers,
      body: Buffer.concat(chunks).toString(),
      remotePort: req.socket.remotePort ?? 0,
    });
    const act = this.#script.length > 1 ? this.#script.shift() : this.#script[0];
    this.#perform(act ?? { status: 200 }, res);
    for (const notify of this.#waiting.splice(0)) notify();
  }

  #perform(act: ReceiverAct, res: ServerResponse): void {
    if (act === 'hang') return;
    if (act === 'reset') return void res.socket?.resetAndDestroy();
    if (act === 'trickle') {
      res.writeHead(200);
      const timer = setInterval(() => res.write('.'), 20);
      res.once('close', () => clearInterval(timer));
      return;
    }
    res.writeHead(act.status, act.headers).end(act.body);
  }
}
