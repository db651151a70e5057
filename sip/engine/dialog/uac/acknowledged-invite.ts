import type { SipRequest, SipResponse } from '../../message/message.ts';
import { parseMessage } from '../../message/parse.ts';
import type { ClientTransactionUser } from '../../transaction/client-transaction.ts';
import { peerOf } from '../../transport/peer-of.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Core } from '../core.ts';
import { toTagOf } from '../dialog-id.ts';
import { releaseFork } from './release-fork.ts';
import type { SentAcks } from './sent-acks.ts';

/**
 * One of our INVITEs once its answer is acknowledged, for the 64·T1 in which the answer may come again or somebody else
 * answer too (RFC 6026 §7.2). At a thousand calls a second thirty thousand of them are waiting, so they keep nothing but
 * the ACKs.
 */
export class AcknowledgedInvite implements ClientTransactionUser {
  readonly #core: Core;
  readonly #acks: SentAcks;

  constructor(core: Core, acks: SentAcks) {
    this.#core = core;
    this.#acks = acks;
  }

  onResponse(response: SipResponse, flow: Flow): void {
    const tag = toTagOf(response.headers) ?? '';
    if (this.#acks.has(tag)) this.#acks.sendAgain(tag, this.#core.transactions.transport);
    else if (this.#acks.any !== undefined) {
      // As an ACK it names the same call, caller, number and credentials (RFC 3261 §13.2.2.4).
      const ack = parseMessage(this.#acks.any) as SipRequest;
      releaseFork(this.#core, this.#acks, ack, response, peerOf(flow));
    }
  }

  onTimeout(): void {}

  onTransportError(): void {}
}
