const MASK = '***';

/** Header lines that carry credentials, whatever the application adds to them (RFC 3261 §22). */
const credentialHeaders = ['Authorization', 'Proxy-Authorization'];

/** Password of a URI, and keys of media in SDP (RFC 4568 §9.2, RFC 4566 §5.12). */
const uriPassword = /(sips?:[^\s:@<>]{1,128}):[^\s@<>]{1,128}@/gi;
const mediaKey = /^(a=crypto:\d+ \S+ |k=).*$/gm;

/** A function that hides, in the text of a message, what must not get into a log: credentials, keys and `secretHeaders`. */
export function secretMasker(secretHeaders: readonly string[]): (text: string) => string {
  const names = [...credentialHeaders, ...secretHeaders].map(escaped).join('|');
  const secretLine = new RegExp(`^(${names})([ \\t]*:[ \\t]*)[^\\r\\n]*(?:\\r?\\n[ \\t]+[^\\r\\n]*)*`, 'gim');
  return (text) =>
    text.replace(secretLine, `$1$2${MASK}`).replace(uriPassword, `$1:${MASK}@`).replace(mediaKey, `$1${MASK}`);
}

const escaped = (name: string): string => name.replace(/[^\w-]/g, '\\$&');
