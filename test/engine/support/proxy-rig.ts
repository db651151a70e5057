import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { destinationOf } from '../../../sip/engine/proxy/destination.ts';
import type { Plan } from '../../../sip/engine/proxy/proxied-request.ts';
import { StatefulProxy } from '../../../sip/engine/proxy/stateful-proxy.ts';
import { defaultTimers } from '../../../sip/engine/transaction/timer-settings.ts';
import { TimerWheel } from '../../../sip/engine/transaction/timer-wheel.ts';
import {
  type ServerTransactionOf,
  TransactionLayer,
  type TransactionUser,
} from '../../../sip/engine/transaction/transaction-layer.ts';
import type { Flow, Protocol, Target } from '../../../sip/engine/transport/transport.ts';
import { FakeTransport } from './fake-transport.ts';
import { ManualClock } from './manual-clock.ts';
import { peerFlow, request, response } from './messages.ts';

/** The proxy over a fake network and a clock turned by hand; what it does not take waits here to be proxied. */
export class ProxyRig implements TransactionUser {
  readonly clock = new ManualClock();
  readonly transport = new FakeTransport();
  readonly layer: TransactionLayer;
  readonly proxy: StatefulProxy;
  /** Requests for somebody else, as `INVITE` or `ACK`. */
  readonly passedOn: string[] = [];
  /** What the listener was told, as `486` or `done`. */
  readonly events: string[] = [];
  /** What names resolve to. */
  readonly names = new Map<string, Target[]>();
  readonly errors: unknown[] = [];
  #last: { tx: ServerTransactionOf; request: SipRequest } | undefined;

  constructor() {
    const log = (_level: string, _message: string, fields: Record<string, unknown>) => this.errors.push(fields['err']);
    this.layer = new TransactionLayer(this.transport, new TimerWheel(this.clock), defaultTimers, log);
    const resolve = async (uri: string) => this.names.get(uri) ?? Promise.reject(new Error('no such name'));
    this.proxy = new StatefulProxy(this.layer, resolve, this);
    this.layer.user = this.proxy;
  }

  onInvite(tx: ServerTransactionOf, message: SipRequest): void {
    this.passedOn.push(message.method);
    this.#last = { tx, request: message };
  }

  onRequest(tx: ServerTransactionOf, message: SipRequest): void {
    this.onInvite(tx, message);
  }

  onAck(message: SipRequest): void {
    this.passedOn.push(message.method);
  }

  receive(message: SipRequest | SipResponse, from: Partial<Flow> = {}, protocol: Protocol = 'udp'): void {
    this.layer.onMessage(message, { ...peerFlow(protocol), ...from });
  }

  /** The caller sends a request, which is proxied. */
  proxyNew(
    uris: readonly string[],
    plan: Partial<Plan> = {},
    parts: Parameters<typeof request>[1] & { method?: string } = {},
  ): SipRequest {
    const message = request(parts.method ?? 'INVITE', parts);
    this.receive(message, {}, parts.protocol);
    this.transport.take();
    this.proxyLast(uris, plan);
    return message;
  }

  /** Proxies what arrived last. */
  proxyLast(uris: readonly string[], plan: Partial<Plan> = {}): void {
    const handedOver = this.#last!;
    const whole: Plan = {
      destinations: uris.map((uri) => destinationOf(uri, handedOver.request)),
      isParallel: false,
      followsRedirects: false,
      recordRoute: undefined,
      provisionalMs: undefined,
      finalMs: undefined,
      headers: undefined,
      ...plan,
    };
    this.proxy.forward(handedOver, whole, {
      onFinal: ({ response: { status } }) => this.events.push(`${status}`),
      onDone: () => this.events.push('done'),
    });
  }

  /** The request last sent to this address, and its answer. */
  sentTo(address: string, method = 'INVITE'): SipRequest {
    const found = this.transport.sent.findLast(
      ({ message, target }) => target.address === address && message.kind === 'request' && message.method === method,
    );
    if (found?.message.kind !== 'request') throw new Error(`no ${method} was sent to ${address}`);
    return found.message;
  }

  answer(address: string, status: number, headers: Record<string, string> = {}, method = 'INVITE'): void {
    const message = response(this.sentTo(address, method), status, `tag-${address}`);
    for (const [name, value] of Object.entries(headers)) message.headers.append(name, value);
    this.receive(message, { remoteAddress: address });
  }

  /** `INVITE 192.0.2.21` for each message sent, in order; to the caller just `180`. */
  log(): string[] {
    return this.transport.sent.map(({ message, target }) =>
      message.kind === 'request' ? `${message.method} ${target.address}` : `${message.status}`,
    );
  }

  get tables(): number {
    return this.layer.size.clients + this.layer.size.servers + this.proxy.size;
  }
}
