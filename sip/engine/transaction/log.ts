export type { Log } from '../transport/log.ts';
