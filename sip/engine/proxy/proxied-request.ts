import type { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import { InviteServerTransaction } from '../transaction/invite-server.ts';
import { replyTo } from '../transaction/reply.ts';
import { newTag } from '../transaction/token.ts';
import type { ServerTransactionOf } from '../transaction/transaction-layer.ts';
import { addChallenges, bestOf, type Outcome } from './best-response.ts';
import { Branch, type Patience } from './branch.ts';
import { type Destination, destinationOf } from './destination.ts';
import { forwardedCopy } from './forwarded-request.ts';
import type { ProxyContext } from './proxy-context.ts';
import type { RecordRoute } from './record-route.ts';
import { contactsOf } from './redirect.ts';

/** How a request is to be proxied. */
export interface Plan extends Patience {
  readonly destinations: readonly Destination[];
  /** All destinations at once, else one after the other. */
  readonly isParallel: boolean;
  readonly followsRedirects: boolean;
  /** Given when the dialog the request makes is to pass us. */
  readonly recordRoute: RecordRoute | undefined;
  /** Replaces or adds to those of the request. */
  readonly headers: Headers | undefined;
}

/** Who asked for it; hears nothing after `onDone`. */
export interface ProxyListener {
  /** Every final response, the one the caller got last. */
  onFinal(outcome: Outcome): void;
  onDone(): void;
}

/** Destinations tried for one request, those of redirects included. */
const MAX_DESTINATIONS = 20;

const ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';

/** The response context of a proxied request: forks it and picks what its caller is told (RFC 3261 §16.6, §16.7). */
export class ProxiedRequest {
  readonly #context: ProxyContext;
  readonly #tx: ServerTransactionOf;
  readonly #request: SipRequest;
  readonly #plan: Plan;
  readonly #listener: ProxyListener;
  readonly #waiting: Destination[];
  /** Each URI is tried once (RFC 3261 §16.5). */
  readonly #seen = new Set<string>();
  readonly #branches: Branch[] = [];
  /** Those the caller may be told. */
  readonly #failures: Outcome[] = [];
  /** All final responses. */
  readonly #heard: Outcome[] = [];
  /** No more branches are started: cancelled, or somebody spoke for all. */
  #isClosed = false;
  #isAnswered = false;

  constructor(
    context: ProxyContext,
    { tx, request }: { tx: ServerTransactionOf; request: SipRequest },
    plan: Plan,
    listener: ProxyListener,
  ) {
    this.#context = context;
    this.#tx = tx;
    this.#request = request;
    this.#plan = plan;
    this.#listener = listener;
    this.#waiting = [...plan.destinations];
  }

  start(): void {
    if (this.#tx instanceof InviteServerTransaction) {
      this.#tx.user = { toTag: newTag(), onCancel: (cancel) => this.#onCancel(cancel) };
    }
    this.#proceed();
  }

  /** Starts what is due; with nothing under way and nothing left the caller is told the best of the failures. */
  #proceed(): void {
    if (this.#isAnswered) return;
    while (!this.#isClosed && this.#waiting.length > 0 && (this.#plan.isParallel || !this.#isBusy)) {
      this.#startBranch(this.#waiting.shift()!);
    }
    if (!this.#isBusy && !this.#isAnswered) this.#answerBest();
  }

  get #isBusy(): boolean {
    return this.#branches.some(({ isDecided }) => !isDecided);
  }

  #startBranch(destination: Destination): void {
    if (this.#seen.has(destination.uri) || this.#seen.size >= MAX_DESTINATIONS) return;
    this.#seen.add(destination.uri);
    const { transport } = this.#context.transactions;
    const branch = new Branch(this.#context, this.#request, {
      copyFor: (point) => {
        const copy = forwardedCopy(this.#request, destination, this.#plan.headers);
        this.#plan.recordRoute?.add(copy, transport.listeningPointFor(this.#tx.target) ?? point, point);
        return copy;
      },
      onProvisional: (response) => {
        // Of other requests nobody wants them (RFC 4320 §4.1).
        if (!this.#isAnswered && this.#request.method === 'INVITE') this.#tx.respond(this.#upstream(response));
      },
      onFinal: (outcome) => this.#onFinal(outcome),
    });
    this.#branches.push(branch);
    branch.start(destination.nextHop, this.#plan);
  }

  #onFinal(outcome: Outcome): void {
    const { status } = outcome.response;
    this.#heard.push(outcome);
    if (status < 300) this.#onSuccess(outcome);
    else if (!this.#isAnswered) {
      if (!this.#redirects(outcome.response)) this.#failures.push(outcome);
      if (status >= 600) this.#close(outcome.response.headers.getAll('Reason'));
      this.#proceed();
    }
  }

  #onSuccess(outcome: Outcome): void {
    const response = this.#upstream(outcome.response);
    if (!this.#isAnswered) this.#answer(response, outcome);
    else if (this.#request.method === 'INVITE') this.#tx.transmit(serialize(response));
    this.#close([ELSEWHERE]);
  }

  /** True when the response adds destinations instead of being one of the failures. */
  #redirects(response: SipResponse): boolean {
    if (response.status >= 400 || !this.#plan.followsRedirects || this.#isClosed) return false;
    const fresh = contactsOf(response)
      .map((uri) => destinationOf(uri, this.#request))
      .filter(({ uri }) => !this.#seen.has(uri));
    if (fresh.length === 0 || this.#seen.size >= MAX_DESTINATIONS) return false;
    this.#waiting.unshift(...fresh);
    return true;
  }

  #close(reasons: readonly string[]): void {
    this.#isClosed = true;
    for (const branch of this.#branches) branch.cancel(reasons);
  }

  #onCancel(cancel: SipRequest): void {
    this.#close(cancel.headers.getAll('Reason'));
    this.#proceed();
  }

  #answerBest(): void {
    const best = bestOf(this.#failures) ?? this.#nothing();
    const response = without503(this.#upstream(best.response));
    addChallenges(response, best, this.#failures);
    this.#answer(response, best);
  }

  #answer(response: SipResponse, outcome: Outcome): void {
    this.#isAnswered = true;
    if (this.#tx instanceof InviteServerTransaction || response.status !== 408) this.#tx.respond(response);
    // Too late to be of use to anybody (RFC 4320 §4.2).
    else this.#tx.abandon();
    for (const each of this.#heard) if (each !== outcome) this.#listener.onFinal(each);
    this.#listener.onFinal(outcome);
    this.#listener.onDone();
  }

  /** As the caller is to see it: with the Vias it sent, whatever came back (RFC 3261 §16.7, step 3). */
  #upstream(response: SipResponse): SipResponse {
    const headers = response.headers.clone();
    headers.remove('Via');
    for (const via of this.#request.headers.getAll('Via').reverse()) headers.prepend('Via', via);
    return { ...response, headers };
  }

  /** All there was were redirects that led nowhere new. */
  #nothing(): Outcome {
    const response = replyTo(this.#request, 480, 'Temporarily Unavailable', newTag());
    return { response, from: this.#tx.target };
  }
}

/** That one server is out of service does not mean that we are (RFC 3261 §16.7, step 6). */
const without503 = (response: SipResponse): SipResponse =>
  response.status === 503 ? { ...response, status: 500, reason: 'Server Internal Error' } : response;
