import { describe, expect, it } from 'vitest';
import { RequestQueue } from '../../src/store/sqlite/request-queue.ts';
import { idsOf, requestsNamed } from './requests.ts';

describe('what waits in the thread of the database', () => {
  const queueOf = (...requests: Parameters<RequestQueue['push']>) => {
    const queue = new RequestQueue(['endCall', 'beginCall']);
    queue.push(...requests);
    return queue;
  };

  it('goes in order of arrival, 128 at a time', () => {
    const queue = queueOf(requestsNamed('postback', 200));
    const batch = queue.take();
    expect(idsOf(batch.requests)).toEqual(idsOf(requestsNamed('postback', 128)));
    expect(batch.mustRun).toBe(1);
    expect(queue.length).toBe(72);
  });

  it('begins with what a caller waits for', () => {
    const queue = queueOf([
      ...requestsNamed('postback', 3),
      ...requestsNamed('endCall', 2, 3),
      ...requestsNamed('beginCall', 1, 5),
    ]);
    const batch = queue.take();
    expect(idsOf(batch.requests)).toEqual([3, 4, 5, 0, 1, 2]);
    expect(batch.mustRun).toBe(4);
  });

  it('does not starve others, however many calls there are', () => {
    const queue = queueOf([...requestsNamed('postback', 5), ...requestsNamed('endCall', 500, 5)]);
    expect(idsOf(queue.take().requests).slice(-4)).toEqual([0, 1, 2, 3]);
  });

  it('takes what there was no time for before anything newer', () => {
    const queue = queueOf(requestsNamed('postback', 3));
    const { requests } = queue.take();
    queue.push(requestsNamed('postback', 1, 3));
    queue.putBack(requests.slice(1));
    expect(idsOf(queue.take().requests)).toEqual([1, 2, 3]);
  });
});
