import { describe, expect, it } from 'vitest';
import { waitFor } from './wait-for.ts';

describe('waitFor', () => {
  it('returns the first truthy value', async () => {
    let looks = 0;
    const value = await waitFor(
      'the third look',
      () => {
        looks += 1;
        return looks === 3 ? 'there' : undefined;
      },
      { everyMs: 1 },
    );
    expect([value, looks]).toEqual(['there', 3]);
  });

  it('takes an exception for "not yet" and keeps it as the cause', async () => {
    const refused = new Error('connection refused');
    const look = () => Promise.reject(refused);
    await expect(waitFor('the server', look, { timeoutMs: 20, everyMs: 5 })).rejects.toMatchObject({
      message: 'waited 20 ms for the server; last seen: Error: connection refused',
      cause: refused,
    });
  });

  it('says what was seen last', async () => {
    const look = () => (Date.now() < 0 ? [] : null);
    await expect(waitFor('a row', look, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow(
      'waited 5 ms for a row; last seen: null',
    );
  });
});
