import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { Flow, Target } from '../transport/transport.ts';
import { keep } from './kept-bytes.ts';
import { type State, Transaction, type TransactionContext } from './transaction.ts';

/** A server machine also hears from the layer above: the responses it wants sent. */
export interface ServerState<Tx> extends State<Tx> {
  respond?(tx: Tx, status: number): void;
}

export abstract class ServerTransaction<Self> extends Transaction<Self> {
  abstract override state: ServerState<Self>;
  /** Sent again whenever the request is. */
  lastResponse: Buffer | undefined;

  constructor(context: TransactionContext, key: string, target: Target) {
    super(context, key, target);
  }

  get resends(): 'resentResponses' {
    return 'resentResponses';
  }

  /** Sends a response and returns its bytes; after the final response all further ones are discarded (RFC 3261 §17.2.2). */
  respond(response: SipResponse): Buffer {
    const bytes = serialize(response);
    if (this.state.respond === undefined) return bytes;
    this.lastResponse = keep(bytes);
    this.state.respond(this as unknown as Self, response.status);
    return bytes;
  }

  resendLast(): void {
    if (this.lastResponse !== undefined) this.transmit(this.lastResponse);
  }

  transmit(bytes: Buffer): void {
    this.context.transport.send(bytes, this.target, ignoreSendError);
  }
}

/** What the layer above hears of an INVITE while it has no final response. */
export interface InviteServerUser {
  /** Ours in the dialog to be; the 200 to a CANCEL has the same. */
  readonly toTag: string;
  /** The CANCEL is answered already; the INVITE is the user's to end (RFC 3261 §9.2). */
  onCancel(cancel: SipRequest, flow: Flow): void;
}

// The peer resends its request, or its ACK never comes: the timers see to both (RFC 3261 §17.2.4).
const ignoreSendError = (): void => {};
