import { connect, createServer } from 'node:net';
import type { Endpoint, ListenRequest } from './endpoint.ts';
import { openStream, type StreamContext } from './stream-endpoint.ts';

/** Listens on TCP; rejects when the address is taken or not ours. */
export function openTcp(request: ListenRequest, context: StreamContext): Promise<Endpoint> {
  const kind = {
    protocol: 'tcp',
    server: createServer(),
    accepted: 'connection',
    connect: ({ address, port }: { address: string; port: number }, source: object) =>
      connect({ host: address, port, ...source }),
  } as const;
  return openStream(request, kind, context);
}
