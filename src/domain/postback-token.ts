import { createHmac, timingSafeEqual } from 'node:crypto';
import type { CallKeySecret } from './call-key.ts';

/** Whose token it is, and of which rotation. */
export interface PostbackToken {
  /** UUID of the partner's postback URL. */
  readonly id: string;
  readonly generation: number;
}

/** version (1), id (16), generation (2), then 20 bytes of HMAC over these: 52 characters of base64url. */
const HEAD_BYTES = 19;
const MAC_BYTES = 20;
const TEXT = /^[\w-]{52}$/;

/** Tokens of partners' postback URLs, derived like call keys: none is stored, and a wrong one is refused without a look-up (semantics §5). */
export class PostbackTokens {
  readonly #currentVersion: number;
  readonly #secrets: ReadonlyMap<number, string>;

  constructor(secrets: readonly CallKeySecret[]) {
    this.#secrets = new Map(secrets.map(({ version, secret }) => [version, secret]));
    this.#currentVersion = Math.max(...this.#secrets.keys());
  }

  issue({ id, generation }: PostbackToken): string {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(this.#currentVersion, 0);
    head.write(id.replaceAll('-', ''), 1, 'hex');
    head.writeUInt16BE(generation, 17);
    const mac = macOf(this.#secrets.get(this.#currentVersion) ?? '', head);
    return Buffer.concat([head, mac]).toString('base64url');
  }

  /** What the token says, if it is one of ours. */
  read(text: string): PostbackToken | undefined {
    const bytes = TEXT.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(HEAD_BYTES + MAC_BYTES);
    const head = bytes.subarray(0, HEAD_BYTES);
    const secret = this.#secrets.get(head.readUInt8(0));
    if (!timingSafeEqual(macOf(secret ?? '', head), bytes.subarray(HEAD_BYTES)) || secret === undefined)
      return undefined;
    const hex = head.toString('hex', 1, 17);
    const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    return { id, generation: head.readUInt16BE(17) };
  }
}

/** A purpose of its own keeps tokens and call keys apart, though their secret is one. */
function macOf(secret: string, head: Buffer): Buffer {
  return createHmac('sha256', secret).update('postback-token\0').update(head).digest().subarray(0, MAC_BYTES);
}
