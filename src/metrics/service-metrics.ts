import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const SET_UP_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 6, 10, 15, 20, 30, 45, 60];
const CONNECTED_SECONDS = [1, 5, 15, 30, 60, 90, 120, 180, 300, 600, 1_200, 3_600];
const REQUEST_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const TRY_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];
const COMMIT_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5];
const BATCH_OPERATIONS = [1, 2, 4, 8, 16, 32, 64, 128];

/** A call that is over, answered or not. */
export interface MeteredCall {
  readonly result: string;
  readonly fault: string;
  /** INVITE to our 200; undefined where nobody answered. */
  readonly setUpMs: number | undefined;
  readonly connectedMs: number | undefined;
}

/**
 * What the parts of the service report as it happens, for Prometheus. Names and labels are in docs/operations.md; every label
 * has a bounded set of values. Nothing here waits.
 */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #calls = this.#counter('bridge_calls_total', 'Calls that are over, by result and whose fault it was.', [
    'result',
    'fault',
  ]);
  readonly #refused = this.#counter('bridge_calls_refused_total', 'INVITEs not taken, by cause.', ['cause']);
  readonly #setUp = this.#histogram('bridge_call_setup_seconds', "From a caller's INVITE to its 200.", SET_UP_SECONDS);
  readonly #connected = this.#histogram(
    'bridge_call_connected_seconds',
    'How long answered calls were connected.',
    CONNECTED_SECONDS,
  );
  readonly #requests = this.#counter('bridge_http_requests_total', 'Requests by route and status.', [
    'route',
    'status',
  ]);
  readonly #requestTime = this.#histogram(
    'bridge_http_request_seconds',
    'How long answers took, by route.',
    REQUEST_SECONDS,
    ['route'],
  );
  readonly #tries = this.#counter(
    'bridge_webhook_tries_total',
    'Requests to webhooks by trigger and what came of them: delivered, due (tried again), dead (given up).',
    ['trigger', 'state'],
  );
  readonly #tryTime = this.#histogram('bridge_webhook_try_seconds', 'How long webhooks took to answer.', TRY_SECONDS);
  readonly #batch = this.#histogram('bridge_store_batch_operations', 'Operations per commit.', BATCH_OPERATIONS);
  readonly #commit = this.#histogram('bridge_store_batch_seconds', 'Time per batch, commit included.', COMMIT_SECONDS);

  constructor(liveCalls: () => number) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'bridge_calls_running',
      help: 'Calls this process holds.',
      registers: [this.registry],
      collect() {
        this.set(liveCalls());
      },
    });
  }

  callRefused(cause: string): void {
    this.#refused.inc({ cause });
  }

  callEnded({ result, fault, setUpMs, connectedMs }: MeteredCall): void {
    this.#calls.inc({ result, fault });
    if (setUpMs !== undefined) this.#setUp.observe(setUpMs / 1_000);
    if (connectedMs !== undefined) this.#connected.observe(connectedMs / 1_000);
  }

  requestAnswered(route: string, status: number, ms: number): void {
    this.#requests.inc({ route, status });
    this.#requestTime.observe({ route }, ms / 1_000);
  }

  webhookTried(trigger: string, state: string, ms: number): void {
    this.#tries.inc({ trigger, state });
    this.#tryTime.observe(ms / 1_000);
  }

  batchCommitted(operations: number, ms: number): void {
    this.#batch.observe(operations);
    this.#commit.observe(ms / 1_000);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }
}
