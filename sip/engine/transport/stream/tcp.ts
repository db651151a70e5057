import { connect } from 'node:net';
import type { Endpoint, ListenRequest } from '../endpoint.ts';
import { openStream, type StreamContext, type StreamKind } from './stream-endpoint.ts';

const tcp: StreamKind = {
  accept: (socket, done) => done(socket),
  connect: ({ address, port }, source) => connect({ host: address, port, ...source }),
};

/** Listens on TCP; rejects when the address is taken or not ours. */
export function openTcp(request: ListenRequest, context: StreamContext): Promise<Endpoint> {
  return openStream(request, tcp, context);
}
