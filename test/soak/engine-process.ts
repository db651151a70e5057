import { inspect } from 'node:util';
import { type EngineOptions, type EngineStats, startEngine } from '../../sip/engine/index.ts';

/** What the process of the engine says to the one that started it. */
export type FromEngine =
  | { readonly kind: 'ready'; readonly ports: readonly number[]; readonly controlPort: number }
  | { readonly kind: 'report'; readonly stats: EngineStats; readonly heapMb: number; readonly buffersMb: number }
  | { readonly kind: 'error'; readonly message: string };

const tell = (message: FromEngine): void => {
  process.send?.(message);
};

const [, , options = '{}'] = process.argv;
const engine = await startEngine({
  ...(JSON.parse(options) as EngineOptions),
  log: (level, message, fields) => {
    if (level === 'error') tell({ kind: 'error', message: `${message} ${inspect(fields)}` });
  },
});
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  tell({ kind: 'report', stats: engine.stats(), heapMb: heapUsed / 2 ** 20, buffersMb: arrayBuffers / 2 ** 20 });
});
process.on('uncaughtException', (error) => tell({ kind: 'error', message: `uncaught: ${inspect(error)}` }));
process.once('disconnect', () => process.exit());
tell({ kind: 'ready', ports: engine.listeningPoints.map(({ port }) => port), controlPort: engine.controlPort });
