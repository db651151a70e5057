import type { SipMessage } from './message.ts';

/** Bytes for the wire. Content-Length is computed and put last. Throws when a part contains a line break. */
export function serialize(message: SipMessage): Buffer {
  const head = headText(message, message.body.length);
  const headLength = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafe(headLength + message.body.length);
  bytes.write(head, 0, headLength, 'utf8');
  message.body.copy(bytes, headLength);
  return bytes;
}

/** The same message as text for the control protocol; Content-Length counts the bytes of that text as UTF-8. */
export function serializeText(message: SipMessage): string {
  const body = message.body.length === 0 ? '' : message.body.toString('utf8');
  return headText(message, Buffer.byteLength(body)) + body;
}

/**
 * Everything up to and with the blank line. Put together before anybody looks at it, since looking copies it; line breaks
 * are counted once for all parts: cheaper than part by part.
 */
function headText(message: SipMessage, bodyLength: number): string {
  let text = `${startLine(message)}\r\n`;
  let breaks = 3;
  message.headers.forEach((name, value) => {
    if (name === 'Content-Length') return;
    text += `${name}: ${value}\r\n`;
    breaks += 1;
  });
  text += `Content-Length: ${bodyLength}\r\n\r\n`;
  if (countOf('\n', text) !== breaks || countOf('\r', text) !== breaks) {
    throw new Error('line break inside a SIP header or start line');
  }
  return text;
}

function startLine(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.uri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;
}

function countOf(mark: string, text: string): number {
  let count = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count += 1;
  return count;
}
