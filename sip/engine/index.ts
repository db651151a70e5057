import type { CommandContext } from './control/commands.ts';
import { ControlServer } from './control/control-server.ts';
import { RouteTable } from './control/route-table.ts';
import { defaultDialogOptions } from './dialog/core.ts';
import { UserAgent } from './dialog/user-agent.ts';
import { activityOf, loadSourcesOf, statsOf } from './engine-stats.ts';
import { IdleCollector } from './idle-collector.ts';
import { limitedLog } from './limited-log.ts';
import type { EngineHandle, EngineOptions } from './options.ts';
import { LoadMeter } from './overload/load-meter.ts';
import { defaultOverloadLimits, OverloadGuard, RETRY_AFTER_SECONDS } from './overload/overload-guard.ts';
import { StatefulProxy } from './proxy/stateful-proxy.ts';
import { CallTrace } from './trace/call-trace.ts';
import { MessageCollector } from './trace/message-collector.ts';
import { type Clock, systemClock } from './transaction/clock.ts';
import type { Log } from './transaction/log.ts';
import { defaultTimers } from './transaction/timer-settings.ts';
import { TimerWheel } from './transaction/timer-wheel.ts';
import { TransactionLayer } from './transaction/transaction-layer.ts';
import { Coalescer } from './transport/coalescer.ts';
import { EndOfTurn } from './transport/end-of-turn.ts';
import { type ResolveTarget, resolveTarget } from './transport/resolve/resolver.ts';
import type { Tap, Transport } from './transport/transport.ts';
import { openTransport } from './transport/transport-layer.ts';

export type { EngineHandle, EngineOptions, EngineStats } from './options.ts';
export { type EngineThreadHandle, startEngineThread } from './thread.ts';
export type { CollectedMessage } from './trace/message-collector.ts';
export type { KnownSources } from './transport/receive/source-gate.ts';

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
  const wheel = new TimerWheel(clock, (err) => log('error', 'timer failed', { err }));
  const endOfTurn = new EndOfTurn(options.ownsThread ? new Coalescer() : undefined);
  const transport = await openTransport({
    endOfTurn,
    listen: options.listen,
    tls: options.tls,
    localNetworks: options.localNetworks,
    knownSources: options.knownSources,
    log,
    user: {
      onMessage: (message, flow) => transactions.onMessage(message, flow),
      onFault: (error, flow) => transactions.onFault(error, flow),
    },
  });
  const transactions = new TransactionLayer(transport, wheel, options.timers ?? defaultTimers, log);
  const guard = new OverloadGuard({ ...defaultOverloadLimits, ...options.overloadLimits });
  const admission = { admits: () => guard.admits(), retryAfterSeconds: RETRY_AFTER_SECONDS };
  const dialogOptions = { ...defaultDialogOptions, ...options, resolve };
  const userAgent = new UserAgent(transactions, dialogOptions, routes, admission);
  const proxy = new StatefulProxy(transactions, resolve, userAgent);
  transactions.user = proxy;
  const control = await listenOrClose(
    { ...options.control, secret: options.secret, endOfTurn, log },
    { userAgent, proxy, routes },
    transport,
  );
  const parts = { context: { userAgent, proxy }, control, transport, guard };
  const meter = new LoadMeter(guard, loadSourcesOf(parts), log);
  const collector = new IdleCollector(() => activityOf(parts));
  const { secretHeaders = [], collect } = options;
  const messages = collect === undefined ? undefined : new MessageCollector(secretHeaders, collect);
  const trace = (text: string | undefined): void => {
    const traced = text ? new CallTrace(text, secretHeaders, unlimited).tap : undefined;
    transport.tap = bothTaps(messages?.tap, traced);
  };
  trace(options.trace);
  return {
    listeningPoints: transport.listeningPoints,
    controlPort: control.port,
    stats: () => statsOf(parts),
    trace,
    knowSources: (sources) => transport.knowSources(sources),
    reloadCertificates: () => transport.reloadCertificates(),
    close: async () => {
      meter.close();
      collector.close();
      wheel.close();
      messages?.flush();
      await Promise.all([control.close(), transport.close()]);
    },
  };
}

function bothTaps(one: Tap | undefined, other: Tap | undefined): Tap | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (...message) => {
    one(...message);
    other(...message);
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
