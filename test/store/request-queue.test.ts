import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/store/sqlite/messages.ts';
import { RequestQueue } from '../../src/store/sqlite/request-queue.ts';

describe('what waits for the database', () => {
  let now = 0;
  const queueOf = (requests: readonly Request[]) => {
    const queue = new RequestQueue(['endCall', 'beginCall'], () => now);
    queue.push(requests);
    return queue;
  };
  const named = (operation: string, count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => ({ id: from + index, operation, input: {} }));
  const ids = ({ requests }: { readonly requests: readonly Request[] }) => requests.map(({ id }) => id);

  it('goes in order of arrival, 128 at a time', () => {
    const queue = queueOf(named('postback', 200));
    const batch = queue.take();
    expect(ids(batch)).toEqual(ids({ requests: named('postback', 128) }));
    expect(batch.mustRun).toBe(1);
    expect(queue.length).toBe(72);
  });

  it('takes what a caller waits for first, and a few others with it', () => {
    const queue = queueOf([...named('postback', 50), ...named('endCall', 2, 50), ...named('beginCall', 1, 52)]);
    const batch = queue.take();
    expect(ids(batch)).toEqual([50, 51, 52, 0, 1, 2, 3]);
    expect(batch.mustRun).toBe(4);
  });

  it('keeps to a few others while calls come in, and to all of them again afterwards', () => {
    const queue = queueOf([...named('postback', 50), ...named('endCall', 1, 50)]);
    queue.take();
    now += 50;
    expect(ids(queue.take())).toHaveLength(4);
    now += 100;
    expect(ids(queue.take())).toHaveLength(42);
  });

  it('does not starve others, however many calls there are', () => {
    const queue = queueOf([...named('postback', 5), ...named('endCall', 500, 5)]);
    expect(ids(queue.take()).slice(-4)).toEqual([0, 1, 2, 3]);
  });

  it('takes what there was no time for before anything newer', () => {
    const queue = queueOf(named('postback', 3));
    const { requests } = queue.take();
    queue.push(named('postback', 1, 3));
    queue.putBack(requests.slice(1));
    expect(ids(queue.take())).toEqual([1, 2, 3]);
  });
});
