import type { CommandContext } from './control/commands.ts';
import { ControlServer } from './control/control-server.ts';
import { RouteTable } from './control/route-table.ts';
import { defaultDialogOptions } from './dialog/core.ts';
import { UserAgent } from './dialog/user-agent.ts';
import { IdleCollector } from './idle-collector.ts';
import { limitedLog } from './limited-log.ts';
import type { EngineHandle, EngineOptions, EngineStats } from './options.ts';
import { LoadMeter, type LoadSources } from './overload/load-meter.ts';
import { defaultOverloadLimits, OverloadGuard, RETRY_AFTER_SECONDS } from './overload/overload-guard.ts';
import { StatefulProxy } from './proxy/stateful-proxy.ts';
import { CallTrace } from './trace/call-trace.ts';
import { type Clock, systemClock } from './transaction/clock.ts';
import type { Log } from './transaction/log.ts';
import { defaultTimers } from './transaction/timer-settings.ts';
import { TimerWheel } from './transaction/timer-wheel.ts';
import { TransactionLayer } from './transaction/transaction-layer.ts';
import { type ResolveTarget, resolveTarget } from './transport/resolver.ts';
import type { OperatedTransport, SocketState, Transport } from './transport/transport.ts';
import { openTransport } from './transport/transport-layer.ts';

export type { EngineHandle, EngineOptions, EngineStats } from './options.ts';
export { type EngineThreadHandle, startEngineThread } from './thread.ts';

const silent: Log = () => {};

/** Starts the engine in this thread: SIP on one side, applications on the other. */
export async function startEngine(
  options: EngineOptions,
  clock: Clock = systemClock,
  resolve: ResolveTarget = resolveTarget,
): Promise<EngineHandle> {
  const unlimited = options.log ?? silent;
  const log = limitedLog(unlimited, () => clock.now());
  const routes = new RouteTable();
  const wheel = new TimerWheel(clock);
  const transport = await openTransport({
    listen: options.listen,
    tls: options.tls,
    localNetworks: options.localNetworks,
    log,
    user: { onMessage: (message, flow) => transactions.onMessage(message, flow) },
  });
  const transactions = new TransactionLayer(transport, wheel, options.timers ?? defaultTimers, log);
  const guard = new OverloadGuard({ ...defaultOverloadLimits, ...options.overloadLimits });
  const admission = { admits: () => guard.admits(), retryAfterSeconds: RETRY_AFTER_SECONDS };
  const dialogOptions = { ...defaultDialogOptions, ...options, resolve };
  const userAgent = new UserAgent(transactions, dialogOptions, routes, admission);
  const proxy = new StatefulProxy(transactions, resolve, userAgent);
  transactions.user = proxy;
  const control = await listenOrClose(
    { ...options.control, secret: options.secret, log },
    { userAgent, proxy, routes },
    transport,
  );
  const meter = new LoadMeter(guard, loadSources(userAgent, control, transport), log);
  const collector = new IdleCollector(() => activityOf(userAgent));
  const trace = (text: string | undefined): void => {
    transport.tap = text ? new CallTrace(text, options.secretHeaders ?? [], unlimited).tap : undefined;
  };
  trace(options.trace);
  return {
    listeningPoints: transport.listeningPoints,
    controlPort: control.port,
    stats: () => ({ ...statsOf({ userAgent, proxy }, control, guard), transport: trafficOf(transport) }),
    trace,
    reloadCertificates: () => transport.reloadCertificates(),
    close: async () => {
      meter.close();
      collector.close();
      wheel.close();
      await Promise.all([control.close(), transport.close()]);
    },
  };
}

async function listenOrClose(
  options: Parameters<typeof ControlServer.listen>[0],
  context: CommandContext,
  transport: Transport,
): Promise<ControlServer> {
  try {
    return await ControlServer.listen(options, context);
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function loadSources(userAgent: UserAgent, control: ControlServer, transport: OperatedTransport): LoadSources {
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

function activityOf({ dialogs, transactions: { size } }: UserAgent): number {
  return dialogs.size + size.clients + size.servers;
}

const trafficOf = (transport: OperatedTransport) => ({ ...transport.counters, ...transport.socketState() });

function statsOf(
  { userAgent, proxy }: Pick<CommandContext, 'userAgent' | 'proxy'>,
  control: ControlServer,
  guard: OverloadGuard,
): Omit<EngineStats, 'transport'> {
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
  };
}
