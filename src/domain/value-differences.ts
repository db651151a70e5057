import { isDeepStrictEqual } from 'node:util';

/** A field whose value is another, `caps[0].calls`; undefined where it was not or is no longer. */
export interface ValueDifference {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The smallest fields in which two pieces of plain data differ. */
export function valueDifferences(before: unknown, after: unknown, path = ''): ValueDifference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, at) => valueDifferences(before[at], after[at], `${path}[${at}]`)).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    const below = (name: string) => (path === '' ? name : `${path}.${name}`);
    return names.flatMap((name) => valueDifferences(before[name], after[name], below(name)));
  }
  return [{ path, before, after }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
