/** Index of the quote that closes the one at `open`, or -1 (quoted-string, RFC 3261 §25.1). */
export function endOfQuoted(text: string, open: number): number {
  const plain = text.indexOf('"', open + 1);
  if (plain < 0 || !text.slice(open, plain).includes('\\')) return plain;
  for (let at = open + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at;
  }
  return -1;
}

/** Wraps text as a quoted-string. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** Content of a quoted-string given with its quotes. */
export function unquote(text: string): string {
  const content = text.slice(1, -1);
  return content.includes('\\') ? content.replace(/\\(.)/g, '$1') : content;
}
