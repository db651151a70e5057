import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from '../support/seeded-random.ts';

/** Each happens once in a call at most. */
const ONCE = new Set(['start', 'answered', 'ended', 'converted', 'not_converted']);
const FAILING = 0.01;

/** Receives webhooks, some at the second try only, and remembers which event came under which id. */
export class WebhookWitness {
  readonly #server: Server;
  readonly #failed = new Set<string>();
  readonly #events = new Set<string>();
  readonly #idsOf = new Map<string, Set<string>>();
  /** Requests, repeated ones too. */
  received = 0;

  static async start(random: Random): Promise<WebhookWitness> {
    const witness = new WebhookWitness(random);
    await new Promise<void>((resolve) => witness.#server.listen(0, '127.0.0.1', resolve));
    return witness;
  }

  private constructor(random: Random) {
    this.#server = createServer((req, res) => this.#take(req, res, random()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  has(eventId: string): boolean {
    return this.#events.has(eventId);
  }

  events(): string[] {
    return [...this.#events];
  }

  /** What happens once and came under several ids. */
  twice(): string[] {
    return [...this.#idsOf].filter(([, ids]) => ids.size > 1).map(([what, ids]) => `${what} came as ${[...ids]}`);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #take(req: IncomingMessage, res: ServerResponse, chance: number): void {
    this.received += 1;
    const id = String(req.headers['webhook-id']);
    if (chance < FAILING && !this.#failed.has(id)) {
      this.#failed.add(id);
      res.writeHead(500).end();
      return;
    }
    this.#events.add(id);
    const query = new URL(req.url ?? '', this.url).searchParams;
    const trigger = query.get('trigger') ?? '';
    if (ONCE.has(trigger)) this.#remember(`${trigger} of ${query.get('uuid')}`, id);
    res.writeHead(200).end();
  }

  #remember(what: string, id: string): void {
    const ids = this.#idsOf.get(what) ?? new Set();
    this.#idsOf.set(what, ids.add(id));
  }
}
