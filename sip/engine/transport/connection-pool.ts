import type { Connection } from './connection.ts';
import type { Target } from './transport.ts';

/** Open and opening connections of one protocol by remote address and port, whoever made them. */
export class ConnectionPool {
  readonly #connections = new Map<string, Connection>();
  /** Connections by remote address. */
  readonly #counts = new Map<string, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Connections with this address. */
  countOf(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  /**
   * The connection to reuse for this target, or for its alternative. Where a name has to be verified, only one that was
   * verified for it will do.
   */
  find(target: Target): Connection | undefined {
    const found = this.#connections.get(keyOf(target));
    if (found?.isOpen) return found;
    return target.otherwise === undefined ? undefined : this.find(target.otherwise);
  }

  add(connection: Connection): void {
    this.#size += 1;
    this.#counts.set(connection.remoteAddress, this.countOf(connection.remoteAddress) + 1);
    for (const key of keysOf(connection)) this.#connections.set(key, connection);
  }

  remove(connection: Connection): void {
    this.#size -= 1;
    const left = this.countOf(connection.remoteAddress) - 1;
    if (left > 0) this.#counts.set(connection.remoteAddress, left);
    else this.#counts.delete(connection.remoteAddress);
    for (const key of keysOf(connection)) {
      if (this.#connections.get(key) === connection) this.#connections.delete(key);
    }
  }

  destroyAll(): void {
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }
}

function keyOf({
  address,
  port,
  serverName,
}: {
  address: string;
  port: number;
  serverName?: string | undefined;
}): string {
  return serverName === undefined ? `${address} ${port}` : `${address} ${port} ${serverName}`;
}

/** Answers know the address only. */
function keysOf({ remoteAddress, remotePort, serverName }: Connection): string[] {
  const bare = { address: remoteAddress, port: remotePort };
  return serverName === undefined ? [keyOf(bare)] : [keyOf(bare), keyOf({ ...bare, serverName })];
}
