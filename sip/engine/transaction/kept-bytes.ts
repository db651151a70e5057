const SLAB_BYTES = 65_536;

let slab = Buffer.alloc(0);
let used = 0;

/**
 * A copy of a message that has to be at hand for seconds. It lies among others like it: left where messages of the moment
 * lie, its few hundred bytes would keep all of them in memory.
 */
export function keep(bytes: Buffer): Buffer {
  if (bytes.length > SLAB_BYTES / 8) return bytes;
  if (used + bytes.length > slab.length) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const copy = slab.subarray(used, used + bytes.length);
  bytes.copy(copy);
  used += bytes.length;
  return copy;
}
