import { isIPv6 } from 'node:net';
import type { SipMessage, SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import {
  type ListeningPoint,
  noTrafficYet,
  type Target,
  type Transport,
} from '../../../sip/engine/transport/transport.ts';

export interface SentMessage {
  readonly message: SipMessage;
  readonly target: Target;
}

/** A network that only remembers what it was given. */
export class FakeTransport implements Transport {
  readonly listeningPoints: readonly ListeningPoint[];
  readonly counters = noTrafficYet();
  readonly sent: SentMessage[] = [];
  #lastOnError: ((error: Error) => void) | undefined;

  constructor() {
    this.listeningPoints = (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      address: '192.0.2.1',
      port: 5060,
      advertisedAddress: '192.0.2.1',
      advertisedPort: 5060,
    }));
  }

  listeningPointFor(target: Target): ListeningPoint | undefined {
    if (isIPv6(target.address)) return undefined;
    return this.listeningPoints.find(({ protocol }) => protocol === target.protocol);
  }

  send(bytes: Buffer, target: Target, onError: (error: Error) => void): void {
    this.sent.push({ message: parseMessage(bytes), target });
    this.#lastOnError = onError;
  }

  async close(): Promise<void> {}

  /** The network refuses what it was given last. */
  failLast(): void {
    this.#lastOnError?.(new Error('ECONNREFUSED'));
  }

  /** What was sent since the last call, as `INVITE` or `486`. */
  take(): string[] {
    return this.sent.splice(0).map(({ message }) => labelOf(message));
  }

  lastRequest(): SipRequest {
    const message = this.sent.at(-1)?.message;
    if (message?.kind !== 'request') throw new Error('the last message sent is no request');
    return message;
  }

  lastResponse(): SipResponse {
    const message = this.sent.at(-1)?.message;
    if (message?.kind !== 'response') throw new Error('the last message sent is no response');
    return message;
  }
}

const labelOf = (message: SipMessage): string => (message.kind === 'request' ? message.method : `${message.status}`);
