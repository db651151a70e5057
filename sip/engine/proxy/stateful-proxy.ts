import type { SipRequest, SipResponse } from '../message/message.ts';
import type { InviteServerTransaction } from '../transaction/invite-server.ts';
import type { NonInviteServerTransaction } from '../transaction/non-invite-server.ts';
import { replyTo } from '../transaction/reply.ts';
import { newTag } from '../transaction/token.ts';
import type { ServerTransactionOf, TransactionLayer, TransactionUser } from '../transaction/transaction-layer.ts';
import type { ResolveTarget } from '../transport/resolve/resolver.ts';
import type { Flow } from '../transport/transport.ts';
import { nextOnRoute } from './destination.ts';
import { forwardedCopy, refuseToForward } from './forwarded-request.ts';
import { branchesOf, loopKeyOf } from './loop-key.ts';
import { withTargets } from './next-targets.ts';
import { type Plan, ProxiedRequest, type ProxyListener } from './proxied-request.ts';
import type { ProxyContext } from './proxy-context.ts';
import { RecordRoute } from './record-route.ts';

/** A request somebody else has received and not answered finally. */
export interface HandedOver {
  readonly tx: ServerTransactionOf;
  readonly request: SipRequest;
}

/** On the way of a dialog there is one next hop, and nobody to ask. */
const alongTheRoute: Omit<Plan, 'destinations'> = {
  isParallel: false,
  followsRedirects: false,
  provisionalMs: undefined,
  finalMs: undefined,
  recordRoute: undefined,
  headers: undefined,
};

/**
 * The stateful proxy (RFC 3261 §16). It forwards what an application tells it to, and by itself only the requests of dialogs
 * it was told to stay in; everything else is `next`'s.
 */
export class StatefulProxy implements TransactionUser {
  readonly recordRoute = new RecordRoute();
  readonly #context: ProxyContext;
  readonly #next: TransactionUser;
  /** Requests without their final answer, by what would tell that they go round in circles. */
  readonly #open = new Set<string>();

  constructor(transactions: TransactionLayer, resolve: ResolveTarget, next: TransactionUser) {
    this.#context = { transactions, resolve };
    this.#next = next;
  }

  /** Requests being proxied right now. */
  get size(): number {
    return this.#open.size;
  }

  expects(request: SipRequest): boolean {
    return this.recordRoute.take(request) !== undefined || this.#next.expects?.(request) === true;
  }

  turnAway(request: SipRequest): SipResponse | undefined {
    return this.#next.turnAway?.(request);
  }

  onInvite(tx: InviteServerTransaction, request: SipRequest, flow: Flow): void {
    if (!this.#takes(tx, request)) this.#next.onInvite(tx, request, flow);
  }

  onRequest(tx: NonInviteServerTransaction, request: SipRequest, flow: Flow): void {
    if (!this.#takes(tx, request)) this.#next.onRequest(tx, request, flow);
  }

  /** The ACK to a 2xx is forwarded without a transaction (RFC 3261 §16.11). */
  onAck(ack: SipRequest, flow: Flow): void {
    const routed = this.recordRoute.take(ack);
    if (routed === undefined) {
      this.#next.onAck(ack, flow);
      return;
    }
    const destination = nextOnRoute(routed);
    if (destination === undefined || refuseToForward(routed) !== undefined) return;
    withTargets(this.#context, destination.nextHop, ({ targets: [target] }) => {
      if (target !== undefined)
        this.#context.transactions.sendAck(forwardedCopy(routed, destination, undefined), target);
    });
  }

  /** Forwards a request as its application has planned. */
  forward(handedOver: HandedOver, plan: Plan, listener: ProxyListener): void {
    this.#start(handedOver, plan, listener, loopKeyOf(handedOver.request));
  }

  #start(handedOver: HandedOver, plan: Plan, listener: ProxyListener, key: string): void {
    const { tx, request } = handedOver;
    const refusal = refuseToForward(request);
    if (refusal !== undefined) {
      tx.respond(refusal);
      listener.onFinal({ response: refusal, from: tx.target });
      listener.onDone();
      return;
    }
    this.#open.add(key);
    new ProxiedRequest(this.#context, handedOver, plan, {
      onFinal: (outcome) => listener.onFinal(outcome),
      onDone: () => {
        this.#open.delete(key);
        listener.onDone();
      },
    }).start();
  }

  /** False when the request is for `next`. */
  #takes(tx: ServerTransactionOf, request: SipRequest): boolean {
    if (this.#isLoop(request)) {
      tx.respond(replyTo(request, 482, 'Loop Detected', newTag()));
      return true;
    }
    const routed = this.recordRoute.take(request);
    if (routed === undefined) return false;
    const next = nextOnRoute(routed);
    if (next === undefined) tx.respond(replyTo(request, 400, 'Bad Route Header', newTag()));
    else {
      const plan = { ...alongTheRoute, destinations: [next] };
      this.#start({ tx, request: routed }, plan, nobodyListens, loopKeyOf(request));
    }
    return true;
  }

  /** True when we are forwarding this very request right now (RFC 3261 §16.3, step 4). */
  #isLoop(request: SipRequest): boolean {
    if (this.#open.size === 0 || !this.#open.has(loopKeyOf(request))) return false;
    const { transactions } = this.#context;
    return branchesOf(request).some((branch) => transactions.hasClient(branch));
  }
}

const nobodyListens: ProxyListener = { onFinal: () => {}, onDone: () => {} };
