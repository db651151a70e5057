/** A name-addr or addr-spec of a header like From (RFC 3261 §20.10). */
export interface SipAddress {
  /** Without quotes and escapes; undefined when there is none. */
  readonly displayName: string | undefined;
  readonly uri: string;
}

const QUOTED = /^"((?:[^"\\]|\\[\s\S])*)"\s*<([^>]*)>/;
const PLAIN = /^([^<",]*)<([^>]*)>/;
const BARE = /^[^\s;,<>"]+/;

/** The first address of a header's value; what follows, its parameters and further entries, is left out. */
export function firstAddress(value: string): SipAddress | undefined {
  const text = value.trimStart();
  const quoted = QUOTED.exec(text);
  const named = quoted ?? PLAIN.exec(text);
  if (named !== null) {
    const name = quoted === null ? (named[1] ?? '').trimEnd() : (named[1] ?? '').replaceAll(/\\([\s\S])/g, '$1');
    return { displayName: name === '' ? undefined : name, uri: (named[2] ?? '').trim() };
  }
  const bare = BARE.exec(text)?.[0];
  return bare === undefined ? undefined : { displayName: undefined, uri: bare };
}

/**
 * The user part of a sip or sips URI with its parameters (`;npdi`), without password, or the number of a tel URI;
 * percent-decoded, empty where there is none.
 */
export function userOfUri(uri: string): string {
  const sip = /^sips?:([^@]*)@/i.exec(uri)?.[1]?.replace(/:.*/, '');
  return decoded(sip ?? /^tel:([^?]*)/i.exec(uri)?.[1] ?? '');
}

/** The host of a sip or sips URI in lower case, an IPv6 address without brackets. */
export function hostOfUri(uri: string): string {
  const found = /^sips?:(?:[^@]*@)?(?:\[([^\]]*)\]|([^:;?>\s]*))/i.exec(uri);
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray "%": as it came
  }
}
