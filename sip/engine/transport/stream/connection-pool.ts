import type { Target } from '../transport.ts';
import type { Connection } from './connection.ts';

/** Open and opening connections of one protocol by remote address and port, whoever made them. */
export class ConnectionPool {
  readonly #connections = new Map<string, Set<Connection>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The connection to reuse for this target, or for its alternative. */
  find(target: Target): Connection | undefined {
    const found = this.#open(target);
    if (found !== undefined || target.otherwise === undefined) return found;
    return this.find(target.otherwise);
  }

  add(connection: Connection): void {
    const key = keyOf(connection.remoteAddress, connection.remotePort);
    const same = this.#connections.get(key);
    if (same === undefined) this.#connections.set(key, new Set([connection]));
    else same.add(connection);
    this.#size += 1;
  }

  remove(connection: Connection): void {
    const key = keyOf(connection.remoteAddress, connection.remotePort);
    const same = this.#connections.get(key);
    if (same?.delete(connection) !== true) return;
    this.#size -= 1;
    if (same.size === 0) this.#connections.delete(key);
  }

  destroyAll(): void {
    for (const same of this.#connections.values()) for (const connection of same) connection.destroy();
    this.#connections.clear();
    this.#size = 0;
  }

  /** A flow is told from others to the same port by our end of it; else the newest, an older one may be dead. */
  #open(target: Target): Connection | undefined {
    let newest: Connection | undefined;
    for (const connection of this.#connections.get(keyOf(target.address, target.port)) ?? []) {
      if (!connection.isOpen) continue;
      if (connection.isFlowTo(target)) return connection;
      if (connection.mayCarry(target)) newest = connection;
    }
    return newest;
  }
}

function keyOf(address: string, port: number): string {
  return `${address} ${port}`;
}
