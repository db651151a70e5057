import { parseSipMessage, type SipMessage } from './sip-message.ts';

/** One entry of SIPp's message log (`-trace_msg`). */
export interface TracedMessage extends SipMessage {
  readonly at: string;
  readonly direction: 'received' | 'sent';
}

/*
 * ----------------------------------------------- 2026-11-24 00:00:12.808731
 * UDP message received [526] bytes :        or: UDP message sent (319 bytes):
 * <empty line>
 * <that many bytes of message, CRLF line ends> <LF>
 */
const ENTRY =
  /^-{20,} (\d{4}-\d\d-\d\d\s\d\d:\d\d:\d\d\.\d+)\n\w+ message (sent|received) [[(](\d+)\]? bytes\)? ?:\n\n/gm;

/** Reads a message log; an entry still being written is left out. */
export function parseSippTrace(log: Buffer): TracedMessage[] {
  // latin1 keeps one character per byte, which is how SIPp counts.
  const text = log.toString('latin1');
  const messages: TracedMessage[] = [];
  for (const entry of text.matchAll(ENTRY)) {
    const [all, at = '', direction, length] = entry;
    const start = entry.index + all.length;
    const end = start + Number(length);
    if (end > text.length) break;
    const raw = log.subarray(start, end).toString('utf8');
    messages.push({ ...parseSipMessage(raw), at, direction: direction === 'sent' ? 'sent' : 'received' });
  }
  return messages;
}

/** Drops retransmissions: they repeat a message byte for byte. */
export function withoutRetransmissions(messages: TracedMessage[]): TracedMessage[] {
  const seen = new Set<string>();
  return messages.filter(({ direction, raw }) => {
    const key = `${direction}\n${raw}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** One line a message: `00:12:04.245 received INVITE sip:… | Call-ID`. For error texts. */
export function summarize({ at, direction, raw, header }: TracedMessage): string {
  const clock = at.slice(11, 23);
  const arrow = direction === 'sent' ? '->' : '<-';
  return `${clock} ${arrow} ${raw.split(/\r?\n/, 1)[0]} (${header('CSeq')}, ${header('Call-ID')})`;
}
