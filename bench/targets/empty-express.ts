import { startChild } from './child.ts';
import type { PostbackTarget } from './target.ts';

/** What the postbacks are measured against: the same framework, doing nothing. */
export const emptyExpress: PostbackTarget = {
  name: 'empty Express 5 handler',
  start: async () => {
    const child = await startChild<{ httpPort: number }>(`${import.meta.dirname}/empty-express-process.ts`);
    let n = 0;
    return {
      pid: child.pid,
      baseUrl: `http://127.0.0.1:${child.ready.httpPort}`,
      nextPostbackPath: () => {
        n += 1;
        return `/nothing?key=0123456789012345678901234567890123456789&revenue=${n % 100}.50`;
      },
      stop: child.stop,
    };
  },
};
