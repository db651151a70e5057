/** Just enough DER (X.690) to write a certificate. */
export const der = {
  sequence: (...parts: Buffer[]) => tagged(0x30, ...parts),
  set: (...parts: Buffer[]) => tagged(0x31, ...parts),
  /** Up to 127. */
  integer: (value: number) => tagged(0x02, Buffer.from([value])),
  yes: () => tagged(0x01, Buffer.from([0xff])),
  text: (value: string) => tagged(0x0c, Buffer.from(value)),
  bytes: (...parts: Buffer[]) => tagged(0x04, ...parts),
  bits: (value: Buffer) => tagged(0x03, Buffer.from([0]), value),
  /** `20491231235959Z` */
  time: (at: Date) => tagged(0x18, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`)),
  oid: (dotted: string) => tagged(0x06, oidBytes(dotted)),
  /** Context tag, constructed. */
  explicit: (tag: number, ...parts: Buffer[]) => tagged(0xa0 + tag, ...parts),
  /** Context tag, primitive. */
  implicit: (tag: number, value: Buffer) => tagged(0x80 + tag, value),
};

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), value]);
}

function oidBytes(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return Buffer.from([40 * first + second, ...rest.flatMap(base128)]);
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}
