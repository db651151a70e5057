import type { EngineOptions, EngineStats } from './options.ts';
import type { CollectedMessage } from './trace/message-collector.ts';
import type { KnownSources } from './transport/receive/source-gate.ts';
import type { ListeningPoint } from './transport/transport.ts';

/** Functions do not cross threads: the log and collected SIP messages do as messages. */
export type ThreadOptions = Omit<EngineOptions, 'log' | 'ownsThread' | 'collect'> & { readonly collects: boolean };

export type ToThread =
  | { readonly kind: 'stats' }
  | { readonly kind: 'trace'; readonly text: string | undefined }
  | { readonly kind: 'know sources'; readonly sources: KnownSources | undefined }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'ready'; readonly listeningPoints: readonly ListeningPoint[]; readonly controlPort: number }
  | { readonly kind: 'stats'; readonly stats: EngineStats }
  | { readonly kind: 'collected'; readonly messages: readonly CollectedMessage[] }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Record<string, unknown>;
    };
