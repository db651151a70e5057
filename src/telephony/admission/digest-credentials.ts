/** What an Authorization header says (RFC 3261 §20.7, RFC 7616 §3.4). */
export interface DigestCredentials {
  readonly username: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** As written; `MD5` where nothing is. */
  readonly algorithm: string;
  readonly cnonce: string;
  /** Eight hexadecimal digits as written. */
  readonly nc: string;
}

const LONGEST_HEADER = 4_096;
const SCHEME = /\s*(?:,\s*)*([\w-]+)[ \t]+(?=[\w*-]+\s*=)/y;
const PARAMETER = /\s*(?:,\s*)*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/** The credentials for this realm, with `qop=auth` and all that belongs to it; undefined when the header has none. */
export function digestCredentials(header: string | undefined, realm: string): DigestCredentials | undefined {
  if (header === undefined || header.length > LONGEST_HEADER) return undefined;
  const ours = parameterSets(header).find((parameters) => parameters.get('realm') === realm);
  if (ours === undefined) return undefined;
  const [username, nonce, uri, response, cnonce, nc, qop] = [
    ...['username', 'nonce', 'uri', 'response', 'cnonce', 'nc', 'qop'].map((name) => ours.get(name)),
  ];
  if (username === undefined || nonce === undefined || uri === undefined || response === undefined) return undefined;
  if (qop?.toLowerCase() !== 'auth' || !cnonce || !/^[0-9a-f]{8}$/i.test(nc ?? '')) return undefined;
  return { username, nonce, uri, response, cnonce, nc: nc ?? '', algorithm: ours.get('algorithm') ?? 'MD5' };
}

/** The parameters of each Digest in the header: several, of several realms, may be joined by commas. */
function parameterSets(header: string): ReadonlyMap<string, string>[] {
  const sets: Map<string, string>[] = [];
  for (let at = 0; at < header.length; ) {
    const scheme = match(SCHEME, header, at);
    const parameter = scheme === null ? match(PARAMETER, header, at) : null;
    const found = scheme ?? parameter;
    if (found === null) return /^[\s,]*$/.test(header.slice(at)) ? sets : [];
    at += found[0].length;
    if (scheme !== null) sets.push(new Map([['scheme', (scheme[1] ?? '').toLowerCase()]]));
    else if (parameter !== null && !put(sets.at(-1), parameter)) return [];
  }
  return sets.filter((set) => set.get('scheme') === 'digest');
}

/** False for a parameter that comes before any scheme, or twice: which one is meant? */
function put(set: Map<string, string> | undefined, [, name = '', quoted, token = '']: RegExpExecArray): boolean {
  const key = name.toLowerCase();
  if (set === undefined || set.has(key)) return false;
  set.set(key, quoted === undefined ? token : quoted.replaceAll(/\\(.)/g, '$1'));
  return true;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
