import type { SipRequest } from '../../message/message.ts';

/** What a PRACK acknowledges (RFC 3262 §7.2). */
export interface Rack {
  readonly rseq: number;
  /** Of the request whose response it is. */
  readonly cseq: number;
  readonly method: string;
}

/** Undefined when the header is missing or cannot be read. */
export function rackOf(prack: SipRequest): Rack | undefined {
  const words = /^(\d{1,10})\s+(\d{1,10})\s+(\S+)$/.exec(prack.headers.get('RAck') ?? '');
  return words === null ? undefined : { rseq: Number(words[1]), cseq: Number(words[2]), method: words[3]! };
}
