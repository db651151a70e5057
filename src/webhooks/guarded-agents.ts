import type { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { UrlGuard } from './url-guard.ts';

const KEEP_ALIVE = { keepAlive: true, maxFreeSockets: 64, timeout: 30_000 };

export interface GuardedAgents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

/** Connection pools that ask the guard three times: for literals, for each look-up, and for the peer really connected to. */
export function createGuardedAgents(guard: UrlGuard, resolve?: typeof lookup): GuardedAgents {
  return {
    http: new GuardedHttpAgent({ ...KEEP_ALIVE, lookup: guard.lookup(false, resolve) }, guard),
    https: new GuardedHttpsAgent({ ...KEEP_ALIVE, lookup: guard.lookup(true, resolve) }, guard),
  };
}

type Connect = http.Agent['createConnection'];

class GuardedHttpAgent extends http.Agent {
  readonly #guard: UrlGuard;

  constructor(options: http.AgentOptions, guard: UrlGuard) {
    super(options);
    this.#guard = guard;
  }

  override createConnection(...[options, callback]: Parameters<Connect>): ReturnType<Connect> {
    checkLiteral(this.#guard, options.host, false);
    return watchPeer(super.createConnection(options, callback), this.#guard, false);
  }
}

class GuardedHttpsAgent extends https.Agent {
  readonly #guard: UrlGuard;

  constructor(options: https.AgentOptions, guard: UrlGuard) {
    super(options);
    this.#guard = guard;
  }

  override createConnection(...[options, callback]: Parameters<https.Agent['createConnection']>) {
    checkLiteral(this.#guard, options.host, true);
    return watchPeer(super.createConnection(options, callback), this.#guard, true);
  }
}

function checkLiteral(guard: UrlGuard, host: string | null | undefined, encrypted: boolean): void {
  if (host != null && isIP(host) !== 0) guard.checkAddress(host, encrypted);
}

/** `connect` comes before the TLS handshake and before the request is written. */
function watchPeer<Connection extends Duplex | null | undefined>(
  connection: Connection,
  guard: UrlGuard,
  encrypted: boolean,
): Connection {
  const socket = connection as Socket | null | undefined;
  socket?.once('connect', () => {
    try {
      guard.checkAddress(socket.remoteAddress ?? '', encrypted);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  return connection;
}
