import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from './errors.ts';

/** 160 bits. */
const KEY_BYTES = 20;
const HEX_KEY = /^[0-9a-f]{40}$/i;
const SHORTEST_SECRET = 16;

/** One generation of the installation's secret; old ones stay so that old calls keep their keys (semantics §2). */
export interface CallKeySecret {
  readonly version: number;
  readonly secret: string;
}

/** Derives and checks the keys of calls; nothing about a key is stored (semantics §2). */
export class CallKeys {
  /** The newest one: new calls get it. */
  readonly currentVersion: number;
  readonly #secrets: ReadonlyMap<number, string>;

  /** Throws AppError if there is no secret or one is too short to be one. */
  constructor(secrets: readonly CallKeySecret[]) {
    if (secrets.length === 0 || secrets.some(({ secret }) => secret.length < SHORTEST_SECRET)) {
      throw new AppError('secret_too_short', `a secret for call keys needs at least ${SHORTEST_SECRET} characters`);
    }
    this.#secrets = new Map(secrets.map(({ version, secret }) => [version, secret]));
    this.currentVersion = Math.max(...this.#secrets.keys());
  }

  /** 40 hex characters. Throws AppError for a version whose secret is gone. */
  derive(uuid: string, version: number = this.currentVersion): string {
    const secret = this.#secrets.get(version);
    if (secret === undefined)
      throw new AppError('key_version_unknown', `no secret of version ${version} is configured`);
    return digest(secret, uuid).toString('hex');
  }

  /** The version under which `key` belongs to `uuid`, or undefined. Takes the same time for every wrong key and uuid. */
  verify(uuid: string, key: string): number | undefined {
    const wellFormed = HEX_KEY.test(key);
    const given = wellFormed ? Buffer.from(key, 'hex') : Buffer.alloc(KEY_BYTES);
    let found: number | undefined;
    for (const [version, secret] of this.#secrets) {
      if (timingSafeEqual(digest(secret, uuid), given) && wellFormed) found = version;
    }
    return found;
  }
}

function digest(secret: string, uuid: string): Buffer {
  return createHmac('sha256', secret).update(uuid).digest().subarray(0, KEY_BYTES);
}
