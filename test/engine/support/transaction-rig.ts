import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import type { ClientTransactionUser } from '../../../sip/engine/transaction/client-transaction.ts';
import type { InviteServerTransaction } from '../../../sip/engine/transaction/invite-server.ts';
import type { NonInviteServerTransaction } from '../../../sip/engine/transaction/non-invite-server.ts';
import { defaultTimers, type TimerSettings } from '../../../sip/engine/transaction/timer-settings.ts';
import { TimerWheel } from '../../../sip/engine/transaction/timer-wheel.ts';
import { TransactionLayer, type TransactionUser } from '../../../sip/engine/transaction/transaction-layer.ts';
import type { Protocol, Target } from '../../../sip/engine/transport/transport.ts';
import { FakeTransport } from './fake-transport.ts';
import { ManualClock } from './manual-clock.ts';
import { peerFlow } from './messages.ts';

/** The transaction layer between a fake network and a recording user, under a clock turned by hand. */
export class TransactionRig implements TransactionUser {
  readonly clock = new ManualClock();
  readonly transport = new FakeTransport();
  readonly layer: TransactionLayer;
  /** What went up, e.g. `INVITE` or `ACK`. */
  readonly requests: SipRequest[] = [];
  readonly errors: unknown[] = [];
  invite: InviteServerTransaction | undefined;
  other: NonInviteServerTransaction | undefined;

  constructor(timers: TimerSettings = defaultTimers) {
    const log = (_level: string, _message: string, fields: Record<string, unknown>) => this.errors.push(fields['err']);
    this.layer = new TransactionLayer(this.transport, new TimerWheel(this.clock), timers, log);
    this.layer.user = this;
  }

  onInvite(tx: InviteServerTransaction, request: SipRequest): void {
    this.invite = tx;
    this.requests.push(request);
  }

  onRequest(tx: NonInviteServerTransaction, request: SipRequest): void {
    this.other = tx;
    this.requests.push(request);
  }

  onAck(ack: SipRequest): void {
    this.requests.push(ack);
  }

  receive(message: SipRequest | SipResponse, protocol: Protocol = 'udp'): void {
    this.layer.onMessage(message, peerFlow(protocol));
  }

  /** Times, in ms from now, at which something is sent during the next `ms`, with what it is. */
  watch(ms: number): string[] {
    const seen: string[] = [];
    this.transport.take();
    const start = this.clock.now();
    for (let at = 10; at <= ms; at += 10) {
      this.clock.advance(10);
      for (const label of this.transport.take()) seen.push(`${label}@${this.clock.now() - start}`);
    }
    return seen;
  }

  get size(): number {
    return this.layer.size.clients + this.layer.size.servers;
  }
}

export const peer = (protocol: Protocol = 'udp'): Target => ({ protocol, address: '192.0.2.9', port: 5060 });

/** Writes down what a client transaction tells its user. */
export class RecordingUser implements ClientTransactionUser {
  readonly events: string[] = [];

  onResponse(response: SipResponse): void {
    this.events.push(`${response.status}`);
  }

  onTimeout(): void {
    this.events.push('timeout');
  }

  onSilence(): void {
    this.events.push('silence');
  }

  onTransportError(): void {
    this.events.push('transport error');
  }
}
