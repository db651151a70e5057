import type { Target, Transport } from '../../transport/transport.ts';

/** An answer to an INVITE of ours, known by the tag of whoever gave it; without `ack` while that is underway. */
interface Acknowledgement {
  readonly tag: string;
  ack: Buffer | undefined;
  via: Target | undefined;
}

/** The ACKs to the answers of one INVITE, nearly always one; each answer sent again is acknowledged again (RFC 3261 §13.2.2.4). */
export class SentAcks {
  readonly #entries: Acknowledgement[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The bytes of an ACK sent, whichever. */
  get any(): Buffer | undefined {
    return this.#entries.find(({ ack }) => ack !== undefined)?.ack;
  }

  has(tag: string): boolean {
    return this.#find(tag) !== undefined;
  }

  /** Notes an answer whose ACK is underway. */
  expect(tag: string): void {
    this.#entries.push({ tag, ack: undefined, via: undefined });
  }

  sent(tag: string, ack: Buffer, via: Target): void {
    const known = this.#find(tag);
    if (known === undefined) this.#entries.push({ tag, ack, via });
    else Object.assign(known, { ack, via });
  }

  sendAgain(tag: string, transport: Transport): void {
    const { ack, via } = this.#find(tag) ?? {};
    if (ack !== undefined && via !== undefined) transport.send(ack, via, ignoreSendError);
  }

  #find(tag: string): Acknowledgement | undefined {
    return this.#entries.find((each) => each.tag === tag);
  }
}

// The peer sends its 2xx again and the ACK follows again.
const ignoreSendError = (): void => {};
