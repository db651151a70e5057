import { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Flow, Target } from '../transport/transport.ts';
import { Transaction, type TransactionContext } from './transaction.ts';

/** What a client transaction tells the layer that started it (RFC 3261 §17.1). */
export interface ClientTransactionUser {
  /** Every 1xx, the final response once, and of an INVITE every 2xx, repeated ones and those after the timeout too (RFC 6026 §7.2). */
  onResponse(response: SipResponse, flow: Flow): void;
  /** No final response in time. */
  onTimeout(): void;
  /** INVITE only: no news since the last provisional response, timer C. The user may cancel. */
  onSilence?(): void;
  /** The network refused the request. */
  onTransportError(error: Error): void;
}

const NO_BYTES = Buffer.alloc(0);
const forgotten: SipRequest = { kind: 'request', method: '', uri: '', headers: new Headers(), body: NO_BYTES };

export abstract class ClientTransaction<Self> extends Transaction<Self> {
  request: SipRequest;
  readonly method: string;
  /** The request as sent; empty once it will not be sent again. */
  bytes: Buffer;
  user: ClientTransactionUser;

  constructor(
    context: TransactionContext,
    key: string,
    target: Target,
    request: SipRequest,
    user: ClientTransactionUser,
  ) {
    super(context, key, target);
    this.request = request;
    this.method = request.method;
    this.bytes = serialize(request);
    this.user = user;
  }

  get resends(): 'resentRequests' {
    return 'resentRequests';
  }

  /** Enters the first state, which sends the request. */
  abstract start(): void;
  /** Ends without telling anybody. */
  abstract abandon(): void;
  /** Called back by the transport; only matters while the outcome is open. */
  abstract onSendError(error: Error): void;

  /** Lets go of what only a further sending would need: the transaction may linger much longer. */
  forgetBytes(): void {
    this.bytes = NO_BYTES;
  }

  /** All but what `user` needs has been done: the request and who sent it are not kept any longer. */
  lingerFor(user: ClientTransactionUser): void {
    this.user = user;
    this.request = forgotten;
  }

  transmit(bytes: Buffer): void {
    this.context.transport.send(bytes, this.target, (error) => this.onSendError(error));
  }
}
