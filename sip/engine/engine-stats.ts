import type { CommandContext } from './control/commands.ts';
import type { ControlServer } from './control/control-server.ts';
import type { EngineStats } from './options.ts';
import type { LoadSources } from './overload/load-meter.ts';
import type { OverloadGuard } from './overload/overload-guard.ts';
import type { OperatedTransport, SocketState } from './transport/transport.ts';

/** The parts of a running engine that can be counted. */
export interface EngineParts {
  readonly context: Pick<CommandContext, 'userAgent' | 'proxy'>;
  readonly control: ControlServer;
  readonly transport: OperatedTransport;
  readonly guard: OverloadGuard;
}

export function statsOf({ context, control, transport, guard }: EngineParts): EngineStats {
  const { userAgent, proxy } = context;
  const { transactions } = userAgent;
  return {
    dialogs: userAgent.dialogs.size,
    clientTransactions: transactions.size.clients,
    serverTransactions: transactions.size.servers,
    incoming: userAgent.incoming.size,
    outgoing: userAgent.outgoing.size,
    proxied: proxy.size,
    timers: transactions.wheel.size,
    applications: control.connections,
    load: guard.load,
    admittedShare: guard.share,
    heapBytes: process.memoryUsage().heapUsed,
    transactions: { ...transactions.counters },
    transport: { ...transport.counters, ...transport.socketState() },
  };
}

/** How many things are going on. */
export function activityOf({ context: { userAgent } }: EngineParts): number {
  const { dialogs, transactions } = userAgent;
  return dialogs.size + transactions.size.clients + transactions.size.servers;
}

export function loadSourcesOf({ context: { userAgent }, control, transport }: EngineParts): LoadSources {
  return {
    receiveQueueShare: () => receiveQueueShare(transport.socketState()),
    applicationLagMs: () => userAgent.lag.measure(),
    queuedBytes: () => control.longestQueueBytes,
    waitingInvites: () => userAgent.waitingInvites,
    turnedAway: () => userAgent.transactions.counters.turnedAway,
  };
}

/** What waits in a very large buffer is late all the same: two megabytes are about a tenth of a second. */
const LARGEST_USEFUL_QUEUE_BYTES = 2 * 1024 * 1024;

function receiveQueueShare({ receiveQueueBytes, receiveBufferBytes = 0 }: SocketState): number {
  const room = Math.min(receiveBufferBytes, LARGEST_USEFUL_QUEUE_BYTES);
  return room === 0 ? 0 : receiveQueueBytes / room;
}
