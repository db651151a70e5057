import type { SipMessage } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { ParseError } from '../message/parse-error.ts';
import { serialize } from '../message/serialize.ts';
import { topVia } from '../message/via.ts';
import { refusalOf } from './refusal.ts';
import { responseTarget, stampSource } from './response-target.ts';
import type { Flow, Target, TransportCounters, TransportUser } from './transport.ts';

export interface ReceiverPorts {
  readonly user: TransportUser;
  readonly counters: TransportCounters;
  send(bytes: Buffer, target: Target): void;
}

const MAX_REFUSALS_PER_SECOND = 100;

/** Turns received bytes into messages for the user; nothing a packet causes gets past it (RFC 3261 §18.2.1). */
export class Receiver {
  readonly #ports: ReceiverPorts;
  #second = 0;
  #refusals = 0;

  constructor(ports: ReceiverPorts) {
    this.#ports = ports;
  }

  receive(bytes: Buffer, flow: Flow): void {
    try {
      const message = this.#parse(bytes, flow);
      if (message === undefined) return;
      this.#ports.counters.received += 1;
      if (message.kind === 'request') stampSource(message, flow);
      this.#ports.user.onMessage(message, flow);
    } catch (error) {
      this.#ports.user.onFault?.(error, flow);
    }
  }

  #parse(bytes: Buffer, flow: Flow): SipMessage | undefined {
    try {
      return parseMessage(bytes, { stream: flow.protocol !== 'udp' });
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      this.#ports.counters.parseErrors += 1;
      this.#refuse(error, flow);
      this.#ports.user.onFault?.(error, flow);
      return undefined;
    }
  }

  /** Answers to what nobody can read are few: their senders are seldom who they say they are. */
  #mayRefuse(): boolean {
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#refusals = 0;
    }
    this.#refusals += 1;
    return this.#refusals <= MAX_REFUSALS_PER_SECOND;
  }

  #refuse(fault: ParseError, flow: Flow): void {
    if (fault.partial !== undefined) stampSource(fault.partial, flow);
    const response = refusalOf(fault);
    if (response === undefined) return;
    if (this.#mayRefuse()) this.#ports.send(serialize(response), responseTarget(topVia(response), flow));
    else this.#ports.counters.refusalsOmitted += 1;
  }
}
