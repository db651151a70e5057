import type { Request } from '../../src/store/sqlite/messages.ts';

/** So many requests of one operation, numbered from `from`. */
export function requestsNamed(operation: string, count: number, from = 0): Request[] {
  return Array.from({ length: count }, (_, index) => ({ id: from + index, operation, input: {} }));
}

export function idsOf(requests: readonly Request[]): number[] {
  return requests.map(({ id }) => id);
}
