import { Counter, Gauge, type Registry } from 'prom-client';
import { askOnce } from './ask-once.ts';

/** The figures of the embedded SIP engine that are shown; its README says what each is. */
export interface EngineFigures {
  readonly dialogs: number;
  readonly clientTransactions: number;
  readonly serverTransactions: number;
  readonly admittedShare: number;
  readonly heapBytes: number;
  readonly load: {
    readonly lagMs: number;
    readonly receiveQueueShare: number;
    readonly applicationLagMs: number;
    readonly queuedBytes: number;
    readonly waitingInvites: number;
  };
  readonly transactions: Readonly<Record<string, number>>;
  readonly transport: Readonly<Record<string, number | undefined>>;
}

const GAUGES: readonly (readonly [name: string, help: string, of: (figures: EngineFigures) => number])[] = [
  ['dialogs', 'Dialogs, two for each bridged call.', ({ dialogs }) => dialogs],
  ['client_transactions', 'Requests of ours that are not over.', ({ clientTransactions }) => clientTransactions],
  ['server_transactions', 'Requests of others that are not over.', ({ serverTransactions }) => serverTransactions],
  ['admitted_share', 'Share of new calls taken, 1 unless overloaded.', ({ admittedShare }) => admittedShare],
  ['heap_bytes', "Heap of the engine's thread.", ({ heapBytes }) => heapBytes],
  ['lag_seconds', 'How late the thread is with what is due.', ({ load }) => load.lagMs / 1_000],
  ['receive_queue_share', 'How full the fullest receive buffer is.', ({ load }) => load.receiveQueueShare],
  ['application_lag_seconds', 'How far the application is behind.', ({ load }) => load.applicationLagMs / 1_000],
  ['queued_bytes', 'Bytes that wait for the application.', ({ load }) => load.queuedBytes],
  ['waiting_invites', 'INVITEs not answered with anything yet.', ({ load }) => load.waitingInvites],
];

/** What only ever grows, as the engine names it → as Prometheus does. */
const TRANSACTION_COUNTERS = {
  resentRequests: 'resent_requests',
  resentResponses: 'resent_responses',
  repeatedRequests: 'repeated_requests',
  repeatedResponses: 'repeated_responses',
  strayResponses: 'stray_responses',
  timeouts: 'timeouts',
  turnedAway: 'turned_away',
};
const TRANSPORT_COUNTERS = {
  received: 'messages_received',
  sent: 'messages_sent',
  parseErrors: 'parse_errors',
  sendErrors: 'send_errors',
  refusalsOmitted: 'refusals_omitted',
  connectionsRefused: 'connections_refused',
  droppedDatagrams: 'dropped_datagrams',
  scannersDropped: 'scanners_dropped',
  strangersDropped: 'strangers_dropped',
  kernelDrops: 'kernel_drops',
};

/** Figures of the engine's thread, asked for when somebody looks. */
export function addEngineMetrics(registry: Registry, figures: () => Promise<EngineFigures>): void {
  const ask = askOnce(figures);
  for (const [name, help, read] of GAUGES) {
    new Gauge({
      ...{ name: `bridge_sip_${name}`, help, registers: [registry] },
      async collect() {
        const found = await ask();
        if (found !== undefined) this.set(read(found));
      },
    });
  }
  const counter = (name: string, read: (found: EngineFigures) => number) =>
    new Counter({
      ...{ name: `bridge_sip_${name}_total`, help: 'As the engine counts; see sip/README.md.', registers: [registry] },
      async collect() {
        const found = await ask();
        if (found === undefined) return;
        this.reset();
        this.inc(read(found));
      },
    });
  for (const [own, name] of Object.entries(TRANSACTION_COUNTERS))
    counter(name, (found) => found.transactions[own] ?? 0);
  for (const [own, name] of Object.entries(TRANSPORT_COUNTERS)) counter(name, (found) => found.transport[own] ?? 0);
}
