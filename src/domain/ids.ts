import { randomFillSync } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Random bytes are taken from the system in portions: a call each would cost more than the rest of the id. */
const POOL_BYTES = 16 * 256;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let used = POOL_BYTES;

const LAST_IN_MILLISECOND = 0xfff;
let lastNow = 0;
let sequence = 0;

/**
 * UUID version 7: 48 bits of `now`, then a 12-bit sequence, then random bits (RFC 9562 §5.7, §6.2 method 1). Ids made one
 * after the other sort in that order, also within a millisecond.
 */
export function newUuid(now: number): string {
  const bytes = randomBytes16();
  const follows = now === lastNow && sequence < LAST_IN_MILLISECOND;
  sequence = follows ? sequence + 1 : bytes.readUInt16BE(6) & 0x7ff;
  lastNow = now;
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt16BE(0x7000 | sequence, 6);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Sorts before every uuid of that millisecond and after every older one. */
export function lowestUuidAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The canonical, lower-case form, or undefined if the text is no UUID. */
export function parseUuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : undefined;
}

function randomBytes16(): Buffer {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}
