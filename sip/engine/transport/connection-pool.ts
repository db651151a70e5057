import type { Connection } from './connection.ts';
import type { Target } from './transport.ts';

/** Open and opening connections of one protocol by remote address and port, whoever made them. */
export class ConnectionPool {
  readonly #connections = new Map<string, Connection>();

  get size(): number {
    return this.#connections.size;
  }

  /** The connection to reuse for this target, or for its alternative. */
  find(target: Target): Connection | undefined {
    const found = this.#connections.get(keyOf(target.address, target.port));
    if (found?.isOpen) return found;
    return target.otherwise === undefined ? undefined : this.find(target.otherwise);
  }

  add(connection: Connection): void {
    this.#connections.set(keyOf(connection.remoteAddress, connection.remotePort), connection);
  }

  remove(connection: Connection): void {
    const key = keyOf(connection.remoteAddress, connection.remotePort);
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
  }

  destroyAll(): void {
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
