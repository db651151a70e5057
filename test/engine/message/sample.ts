/** Lines of a plain INVITE; tests take some away or put others in. */
export const inviteLines = [
  'INVITE sip:bob@192.0.2.4 SIP/2.0',
  'Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'To: Bob <sip:bob@192.0.2.4>',
  'From: Alice <sip:alice@192.0.2.1>;tag=1928301774',
  'Call-ID: a84b4c76e66710',
  'CSeq: 314159 INVITE',
  'Contact: <sip:alice@192.0.2.1:5070>',
  'Content-Length: 0',
];

/** The message these lines make, with a body after the blank line. */
export function bytesOf(lines: readonly string[], body = ''): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** The INVITE with the line that starts with `start` replaced, or removed when nothing is given. */
export function inviteWith(start: string, ...replacement: string[]): Buffer {
  return bytesOf(inviteLines.flatMap((line) => (line.startsWith(start) ? replacement : [line])));
}
