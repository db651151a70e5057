import { cseqOf } from '../message/cseq.ts';
import { formatHostPort } from '../message/host-port.ts';
import { keepText } from '../message/kept-text.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { ParseError } from '../message/parse-error.ts';
import { serialize } from '../message/serialize.ts';
import { topVia } from '../message/via.ts';
import { responseTarget } from '../transport/response-target.ts';
import type { Flow, ListeningPoint, Target, Transport, TransportUser } from '../transport/transport.ts';
import type { ClientTransactionUser } from './client-transaction.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { InviteServerTransaction } from './invite-server.ts';
import type { Log } from './log.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { replyTo } from './reply.ts';
import { ServerTransaction } from './server-transaction.ts';
import type { TimerSettings } from './timer-settings.ts';
import type { TimerWheel } from './timer-wheel.ts';
import { newBranch, newTag } from './token.ts';
import type { Transaction, TransactionContext } from './transaction.ts';
import { noTransactionsYet } from './transaction-counters.ts';
import { clientKey, clientKeyOf, serverKey } from './transaction-key.ts';

/** The layer above: what arrives and is not a repetition. */
export interface TransactionUser {
  onInvite(tx: InviteServerTransaction, request: SipRequest, flow: Flow): void;
  /** Any other request except ACK and CANCEL. */
  onRequest(tx: NonInviteServerTransaction, request: SipRequest, flow: Flow): void;
  /** Whether a request with a To tag belongs to something we know; asked about strangers only. */
  expects?(request: SipRequest): boolean;
  /** Asked about each new request before anything is made for it: a response is all it gets (RFC 3261 §8.2.7). */
  turnAway?(request: SipRequest): SipResponse | undefined;
  /** An ACK that no transaction absorbs: it acknowledges a 2xx, or is stray. */
  onAck(ack: SipRequest, flow: Flow): void;
}

export type ClientTransactionOf = InviteClientTransaction | NonInviteClientTransaction;
export type ServerTransactionOf = InviteServerTransaction | NonInviteServerTransaction;

/** Matches messages to transactions, or creates them (RFC 3261 §17.1.3, §17.2.3). */
export class TransactionLayer implements TransportUser, TransactionContext {
  readonly transport: Transport;
  readonly wheel: TimerWheel;
  readonly timers: TimerSettings;
  readonly counters = noTransactionsYet();
  /** Set before the first message arrives. */
  user: TransactionUser | undefined;
  readonly #log: Log;
  readonly #clients = new Map<string, ClientTransactionOf>();
  readonly #servers = new Map<string, ServerTransactionOf>();

  constructor(transport: Transport, wheel: TimerWheel, timers: TimerSettings, log: Log) {
    this.transport = transport;
    this.wheel = wheel;
    this.timers = timers;
    this.#log = log;
  }

  get size(): { clients: number; servers: number } {
    return { clients: this.#clients.size, servers: this.#servers.size };
  }

  onMessage(message: SipMessage, flow: Flow): void {
    if (message.kind === 'response') this.#onResponse(message, flow);
    else if (message.method === 'ACK') this.#onAck(message, flow);
    else this.#onRequest(message, flow);
  }

  /** One message that is broken, or trips us, must not take the other calls down. */
  onFault(err: unknown, flow: Flow): void {
    const level = err instanceof ParseError ? 'debug' : 'error';
    this.#log(level, 'message dropped', { err, peer: `${flow.remoteAddress}:${flow.remotePort}` });
  }

  /** For what goes wrong where nobody can be told: a bug of ours, which is to harm nothing else. */
  report(err: unknown, fields: Record<string, unknown> = {}): void {
    this.#log('error', 'unexpected failure', { err, ...fields });
  }

  /** True while a transaction of ours has this branch. */
  hasClient(branch: string): boolean {
    return this.#clients.has(branch);
  }

  /** Starts a transaction for an INVITE that has no Via yet. */
  sendInvite(request: SipRequest, target: Target, user: ClientTransactionUser): InviteClientTransaction {
    return this.#launch(new InviteClientTransaction(this, this.#addVia(request, target), target, request, user));
  }

  /** Starts a transaction for any other request that has no Via yet; not for ACK. */
  send(request: SipRequest, target: Target, user: ClientTransactionUser): NonInviteClientTransaction {
    return this.#launch(new NonInviteClientTransaction(this, this.#addVia(request, target), target, request, user));
  }

  /** Cancels an INVITE that has had a provisional response; `cancel` is made by `cancelFor`. */
  cancel(invite: InviteClientTransaction, cancel: SipRequest, user: ClientTransactionUser): NonInviteClientTransaction {
    const key = clientKey(invite.key, 'CANCEL');
    invite.expectCancelled();
    return this.#launch(new NonInviteClientTransaction(this, key, invite.target, cancel, user));
  }

  /** Sends an ACK for a 2xx, which belongs to no transaction (RFC 3261 §13.2.2.4), and returns its bytes. */
  sendAck(ack: SipRequest, target: Target): Buffer {
    this.#addVia(ack, target);
    const bytes = serialize(ack);
    this.transport.send(bytes, target, ignoreSendError);
    return bytes;
  }

  forget(transaction: Transaction<never>): void {
    const table: Map<string, unknown> = transaction instanceof ServerTransaction ? this.#servers : this.#clients;
    if (table.get(transaction.key) === transaction) table.delete(transaction.key);
  }

  #launch<Tx extends ClientTransactionOf>(tx: Tx): Tx {
    this.#clients.set(tx.key, tx);
    tx.start();
    return tx;
  }

  #addVia(request: SipRequest, target: Target): string {
    const branch = newBranch();
    request.headers.prepend('Via', viaValue(this.transport.listeningPointFor(target), branch));
    return branch;
  }

  #onResponse(response: SipResponse, flow: Flow): void {
    const key = clientKeyOf(response);
    const tx = key === undefined ? undefined : this.#clients.get(key);
    if (tx === undefined || tx.method !== cseqOf(response).method) {
      this.counters.strayResponses += 1;
      return;
    }
    if (!tx.isOpen) this.counters.repeatedResponses += 1;
    tx.receive(response, flow);
  }

  #onAck(ack: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(ack, 'INVITE'));
    if (invite instanceof InviteServerTransaction && invite.absorbsAck) invite.receive(ack, flow);
    else this.user?.onAck(ack, flow);
  }

  #onRequest(request: SipRequest, flow: Flow): void {
    const key = serverKey(request);
    const known = this.#servers.get(key);
    if (known === undefined) this.#open(request, flow, key);
    else {
      this.counters.repeatedRequests += 1;
      known.receive(request, flow);
    }
  }

  #open(request: SipRequest, flow: Flow, key: string): void {
    if (this.transport.ignores?.(flow.remoteAddress) && !this.#isExpected(request)) {
      this.transport.counters.strangersDropped += 1;
      return;
    }
    const target = responseTarget(topVia(request), flow);
    const refusal = this.user?.turnAway?.(request);
    if (refusal !== undefined) {
      this.counters.turnedAway += 1;
      this.transport.send(serialize(refusal), target, ignoreSendError);
      return;
    }
    const tx =
      request.method === 'INVITE'
        ? new InviteServerTransaction(this, keepText(key), target)
        : new NonInviteServerTransaction(this, keepText(key), target);
    this.#servers.set(tx.key, tx);
    try {
      this.#begin(tx, request, flow);
    } catch (error) {
      // Without an answer nobody would forget the transaction.
      if (tx.isOpen) tx.respond(replyTo(request, ...statusFor(error), newTag()));
      throw error;
    }
  }

  #isExpected(request: SipRequest): boolean {
    if (request.method === 'CANCEL') return this.#servers.has(serverKey(request, 'INVITE'));
    return this.user?.expects?.(request) ?? false;
  }

  #begin(tx: ServerTransactionOf, request: SipRequest, flow: Flow): void {
    if (tx instanceof InviteServerTransaction) {
      tx.start(request);
      this.user?.onInvite(tx, request, flow);
    } else if (request.method === 'CANCEL') this.#onCancel(tx, request, flow);
    else this.user?.onRequest(tx, request, flow);
  }

  /** A CANCEL is answered here in every state of its INVITE (RFC 3261 §9.2). */
  #onCancel(tx: NonInviteServerTransaction, cancel: SipRequest, flow: Flow): void {
    const invite = this.#servers.get(serverKey(cancel, 'INVITE'));
    if (!(invite instanceof InviteServerTransaction)) {
      this.#cancelNothing(tx, cancel);
      return;
    }
    const toTag = invite.toTag ?? newTag();
    tx.respond(replyTo(cancel, 200, 'OK', toTag));
    invite.user?.onCancel(cancel, flow);
  }

  /** Other requests than INVITE cannot be cancelled: 200 without effect, 481 where there is no request (RFC 3261 §9.2). */
  #cancelNothing(tx: NonInviteServerTransaction, cancel: SipRequest): void {
    const isKnown = otherMethods.some((method) => this.#servers.has(serverKey(cancel, method)));
    const [status, reason] = isKnown ? ([200, 'OK'] as const) : ([481, 'Call/Transaction Does Not Exist'] as const);
    tx.respond(replyTo(cancel, status, reason, newTag()));
  }
}

const otherMethods = 'BYE INFO MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(' ');

/** What the sender of a request that trips us is told. */
const statusFor = (error: unknown): [number, string] =>
  error instanceof ParseError ? [error.status, error.message] : [500, 'Server Internal Error'];

/** RFC 3261 §8.1.1.7; rport asks for the answer to come back where the request came from (RFC 3581). */
function viaValue(point: ListeningPoint | undefined, branch: string): string {
  if (point === undefined) throw new Error('no listening point for the target');
  const rport = point.protocol === 'udp' ? ';rport' : '';
  const sentBy = formatHostPort(point.advertisedAddress, point.advertisedPort);
  return `SIP/2.0/${point.protocol.toUpperCase()} ${sentBy}${rport};branch=${branch}`;
}

// The peer sends its 2xx again and the ACK follows again.
const ignoreSendError = (): void => {};
