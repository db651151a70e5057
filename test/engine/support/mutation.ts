/** One change to bytes; `at` counts from the start and wraps around the length. */
export interface Mutation {
  readonly kind: 'set' | 'insert' | 'remove' | 'cut' | 'repeat' | 'swap';
  readonly at: number;
  /** A byte. */
  readonly value: number;
  /** How many bytes. */
  readonly length: number;
}

export const mutationKinds: readonly Mutation['kind'][] = ['set', 'insert', 'remove', 'cut', 'repeat', 'swap'];

export function mutated(bytes: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((before, mutation) => (before.length === 0 ? before : apply(before, mutation)), bytes);
}

function apply(bytes: Buffer, { kind, at, value, length }: Mutation): Buffer {
  const start = at % bytes.length;
  const [head, piece, tail] = [
    bytes.subarray(0, start),
    bytes.subarray(start, start + length),
    bytes.subarray(start + length),
  ];
  switch (kind) {
    case 'set':
      return Buffer.concat([head, Buffer.of(value), bytes.subarray(start + 1)]);
    case 'insert':
      return Buffer.concat([head, Buffer.alloc(length, value), bytes.subarray(start)]);
    case 'remove':
      return Buffer.concat([head, tail]);
    case 'cut':
      return Buffer.from(head);
    case 'repeat':
      return Buffer.concat([head, piece, piece, tail]);
    case 'swap':
      return Buffer.concat([piece, head, tail]);
  }
}
