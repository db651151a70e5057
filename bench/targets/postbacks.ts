import { startChild } from './child.ts';
import type { PostbackTarget } from './target.ts';

interface Ready {
  readonly httpPort: number;
  readonly calls: readonly { readonly uuid: string; readonly key: string }[];
}

/** The service's HTTP side on a SQLite file with calls that have ended; without the limit on requests per sender. */
export const postbacks: PostbackTarget = {
  name: 'postbacks (set_value), durable',
  start: async () => {
    const child = await startChild<Ready>(`${import.meta.dirname}/postbacks-process.ts`);
    const { httpPort, calls } = child.ready;
    let n = 0;
    return {
      pid: child.pid,
      baseUrl: `http://127.0.0.1:${httpPort}`,
      // Round after round, each with a revenue of its own: a value posted twice would be nothing to store.
      nextPostbackPath: () => {
        const call = calls[n % calls.length];
        const cents = Math.floor(n / calls.length) + 1;
        n += 1;
        return `/calls/${call?.uuid}/set_value?key=${call?.key}&revenue=${(cents / 100).toFixed(2)}`;
      },
      stop: child.stop,
    };
  },
};
