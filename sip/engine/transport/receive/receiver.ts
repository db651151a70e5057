import type { SipMessage } from '../../message/message.ts';
import { parseMessage } from '../../message/parse.ts';
import { ParseError } from '../../message/parse-error.ts';
import { serialize } from '../../message/serialize.ts';
import { topVia } from '../../message/via.ts';
import type { Log } from '../log.ts';
import { responseTarget, stampSource } from '../response-target.ts';
import type { Flow, Target, TransportCounters, TransportUser } from '../transport.ts';
import { refusalOf } from './refusal.ts';
import type { SourceGate } from './source-gate.ts';
import { SourceLimiter } from './source-limiter.ts';

export interface ReceiverPorts {
  readonly user: TransportUser;
  readonly counters: TransportCounters;
  readonly gate: SourceGate;
  readonly log: Log;
  send(bytes: Buffer, target: Target): void;
}

/** Answers to what nobody can read go to whoever a datagram says it is from: that must not flood anybody. */
const refusalLimits = { perSecond: 10, totalPerSecond: 100 };

/** Turns received bytes into messages for the user; nothing a packet causes gets past it (RFC 3261 §18.2.1). */
export class Receiver {
  readonly #ports: ReceiverPorts;
  readonly #refusals = new SourceLimiter(refusalLimits);

  constructor(ports: ReceiverPorts) {
    this.#ports = ports;
  }

  receive(bytes: Buffer, flow: Flow): void {
    if (!mayBegin(bytes[0])) {
      this.#ports.counters.droppedDatagrams += 1;
      return;
    }
    if (this.#isTurnedOff(bytes, flow)) return;
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

  #isTurnedOff(bytes: Buffer, flow: Flow): boolean {
    const { gate, counters, log } = this.#ports;
    const verdict = gate.judge(bytes, flow.remoteAddress);
    if (verdict === 'pass') return false;
    if (verdict === 'scanner') counters.scannersDropped += 1;
    else counters.strangersDropped += 1;
    const reason = verdict === 'scanner' ? 'scanner' : 'unknown_source';
    log('info', 'request dropped unread', {
      reason,
      peer: `${flow.protocol}/${flow.remoteAddress}:${flow.remotePort}`,
    });
    return true;
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

  #refuse(fault: ParseError, flow: Flow): void {
    if (fault.partial === undefined || this.#ports.gate.ignores(flow.remoteAddress)) return;
    if (!this.#refusals.admits(flow.remoteAddress)) {
      this.#ports.counters.refusalsOmitted += 1;
      return;
    }
    stampSource(fault.partial, flow);
    const response = refusalOf(fault);
    if (response !== undefined) this.#ports.send(serialize(response), responseTarget(topVia(response), flow));
  }
}

/** A visible character, as of a method or `SIP/2.0`, or a line break before it (RFC 3261 §7.5). No more than a glance. */
function mayBegin(byte: number | undefined): boolean {
  return byte !== undefined && ((byte > 0x20 && byte < 0x7f) || byte === 0x0d || byte === 0x0a);
}
