import { describe, expect, it } from 'vitest';
import { traceCommits } from './fsync-order.ts';
import { commitOrders, whyNoTrace } from './system-calls.ts';

const obstacle = whyNoTrace();

describe('the system calls of a postback', () => {
  it.skipIf(obstacle !== undefined)(
    `its commit’s fsync has returned before its 200 leaves${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`,
    async () => {
      const orders = await traceCommits(40);
      expect(orders).toHaveLength(40);
      for (const { ref, written, synced, answered } of orders) {
        expect([ref, typeof written, typeof synced, typeof answered]).toEqual([ref, 'number', 'number', 'number']);
        expect(synced, ref).toBeGreaterThan(written!);
        expect(answered, ref).toBeGreaterThan(synced!);
      }
    },
    60_000,
  );

  const write = '11 pwrite64(28</d/b.sqlite-wal>, "...mark-1...", 4096, 32) = 4096';
  const answer = '10 write(30<socket:[1]>, "HTTP/1.1 200 OK\\r\\n...\\"revenue\\":\\"1.00\\""..., 300) = 300';
  const [began, returned] = ['11 fdatasync(28</d/b.sqlite-wal> <unfinished ...>', '11 <... fdatasync resumed>) = 0'];
  const marks = [{ ref: 'mark-1', answer: '"revenue":"1.00"' }];

  it.each([
    ['in order', [write, began, returned, answer], [0, 2, 3]],
    ['answered while the sync was under way', [write, began, answer, returned], [0, 3, 2]],
    ['the sync that returned had begun before the write', [began, write, returned, answer], [0, undefined, 3]],
  ])('a trace is read right: %s', (_, lines, [written, synced, answered]) => {
    const [order] = commitOrders(lines.join('\n'), marks);
    expect(order?.synced).toBe(synced);
    expect(order?.answered).toBe(answered);
    expect(order?.written).toBe(lines.indexOf(write) === 1 ? 1 : written);
  });
});
