import { startChild } from './child.ts';
import type { BenchTarget } from './target.ts';

/** The floor under the service: embedded engine and a drachtio-srf application that only bridges. Nothing is stored. */
export const emptyB2bua: BenchTarget = {
  name: 'embedded engine with an empty application',
  start: async (buyerPort) => {
    const child = await startChild<{ sipPort: number }>(`${import.meta.dirname}/empty-b2bua-process.ts`, [
      `${buyerPort}`,
    ]);
    return { pid: child.pid, sipPort: child.ready.sipPort, stop: child.stop };
  },
};
