import { limits } from '../../message/limits.ts';

/** What the framer finds in the stream, in order. */
export interface FrameSink {
  /** One whole message; the bytes are valid during the call. */
  message(bytes: Buffer): void;
  /** A double CRLF between messages, to be answered with one (RFC 5626 §4.4.1). */
  ping(): void;
}

const blankLine = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);

/**
 * Cuts a byte stream into messages by Content-Length (RFC 3261 §18.3):
 *
 *     CRLF* | head CRLF CRLF | body, as many bytes as Content-Length says | …
 *
 * A head whose Content-Length is missing, unclear or too large is handed on without a body for the parser to refuse, and
 * ends the framing: where the next message starts is unknown.
 */
export class StreamFramer {
  readonly #sink: FrameSink;
  #buffer: Buffer = nothing;
  /** The buffer is ours to write into, not a chunk of the socket's. */
  #isOwn = false;
  #start = 0;
  #end = 0;
  /** No blank line ends before this index. */
  #searched = 0;
  /** Length of the message at `#start`; 0 while its head is incomplete. */
  #messageLength = 0;
  #lineBreaks = 0;
  #isBroken = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** True when the stream cannot be followed any further. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** True while part of a message has arrived. */
  get isMidMessage(): boolean {
    return this.#end > this.#start;
  }

  push(chunk: Buffer): void {
    if (this.#isBroken) return;
    this.#append(chunk);
    while (!this.#isBroken && this.#takeMessage());
    if (this.#start === this.#end) this.#reset(nothing);
  }

  #append(chunk: Buffer): void {
    const pending = this.#end - this.#start;
    if (pending === 0) {
      this.#reset(chunk);
      return;
    }
    if (!this.#isOwn || this.#end + chunk.length > this.#buffer.length) this.#grow(pending + chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  #reset(chunk: Buffer): void {
    this.#buffer = chunk;
    this.#isOwn = false;
    this.#start = 0;
    this.#end = chunk.length;
    this.#searched = 0;
  }

  /** Moves what is pending into a buffer of twice the need, so that small chunks cost linear time in all. */
  #grow(need: number): void {
    const larger = Buffer.allocUnsafe(2 * need);
    this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#searched = Math.max(0, this.#searched - this.#start);
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = larger;
    this.#isOwn = true;
  }

  /** Takes one message off the buffer; false when there is none yet. */
  #takeMessage(): boolean {
    if (this.#messageLength === 0) this.#readHead();
    const end = this.#start + this.#messageLength;
    if (this.#messageLength === 0 || end > this.#end) return false;
    const message = this.#buffer.subarray(this.#start, end);
    this.#start = end;
    this.#searched = end;
    this.#messageLength = 0;
    this.#sink.message(message);
    return true;
  }

  #readHead(): void {
    this.#skipLineBreaks();
    const blank = this.#buffer.subarray(0, this.#end).indexOf(blankLine, Math.max(this.#start, this.#searched - 3));
    this.#searched = this.#end;
    const headLength = (blank < 0 ? this.#end : blank) - this.#start;
    if (headLength > limits.headBytes) this.#isBroken = true;
    if (blank < 0 || this.#isBroken) return;
    const bodyLength = contentLengthOf(this.#buffer.toString('latin1', this.#start, blank));
    if (bodyLength === undefined || bodyLength > limits.bodyBytes) {
      this.#isBroken = true;
      this.#sink.message(this.#buffer.subarray(this.#start, blank + blankLine.length));
      return;
    }
    this.#messageLength = headLength + blankLine.length + bodyLength;
  }

  #skipLineBreaks(): void {
    while (this.#end - this.#start >= 2 && this.#buffer.readUInt16BE(this.#start) === 0x0d0a) {
      this.#start += 2;
      this.#lineBreaks += 1;
      if (this.#lineBreaks % 2 === 0) this.#sink.ping();
    }
    if (this.#end - this.#start >= 2) this.#lineBreaks = 0;
  }
}

/** The one Content-Length of a head, compact form included; undefined when it is missing, repeated or no number. */
function contentLengthOf(head: string): number | undefined {
  const values = Array.from(head.matchAll(/\n(?:content-length|l)[ \t]*:([^\r\n]*)/gi), (match) => match[1]!.trim());
  const [value] = values;
  return values.length === 1 && value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}
