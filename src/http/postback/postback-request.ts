import type { IncomingMessage } from 'node:http';
import type { Parameter } from '../../domain/posted-data.ts';
import { HttpProblem } from '../problem.ts';
import { parseJsonParameters } from './json-parameters.ts';
import { readBody } from './request-body.ts';
import { parseUrlParameters, type RawParameter } from './url-parameters.ts';

const MOST_PARAMETERS = 100;
const KEY = 'key';

/** What a postback says, its key taken out of everything else. */
export interface PostbackRequest {
  /** Empty where it is optional and not given. */
  readonly key: string;
  readonly parameters: readonly Parameter[];
  /** Query and form as they came, without the key: where triggers are looked for (semantics §5). */
  readonly rawText: string;
}

/** Reads query, body and Authorization of a postback. Throws HttpProblem for each row of semantics §3 that needs no call. */
export async function readPostback(
  req: IncomingMessage,
  query: string,
  { isKeyOptional = false } = {},
): Promise<PostbackRequest> {
  const inUrl = parseUrlParameters(Buffer.from(query, 'latin1'));
  const all = [...inUrl, ...(req.method === 'POST' ? await bodyParameters(req) : [])];
  const others = all.filter(({ decoded: [name] }) => name !== KEY);
  if (others.length > MOST_PARAMETERS) {
    throw new HttpProblem('parameters_too_many', `At most ${MOST_PARAMETERS} parameters, please.`);
  }
  const keys = all.filter(({ decoded: [name] }) => name === KEY).map(({ decoded: [, value] }) => value);
  const key = theKey([...keys, ...bearerTokens(req)], isKeyOptional);
  return {
    key,
    parameters: others.map(({ decoded: [name, value] }): Parameter => [without(key, name), without(key, value)]),
    rawText: others.map(({ raw }) => raw).join('&'),
  };
}

/** Sent a second time under a name of its own, the key would be shown, and sent on as a tag. */
function without(key: string, text: string): string {
  return key === '' ? text : text.replaceAll(key, 'redacted');
}

/** The keys a request presents where they can be read without reading all of it: for the log of what could not be read. */
export function presentedKeys(req: IncomingMessage, query: string): string[] {
  const inQuery = query.split('&').filter((raw) => raw.startsWith(`${KEY}=`));
  return [...inQuery.map((raw) => raw.slice(KEY.length + 1)), ...bearerTokens(req)];
}

/** A JSON field has no raw form of its own: triggers see it as a form would have sent it. */
async function bodyParameters(req: IncomingMessage): Promise<RawParameter[]> {
  const { kind, bytes } = await readBody(req);
  if (kind === 'form') return parseUrlParameters(bytes);
  if (kind === 'none') return [];
  return parseJsonParameters(bytes).map((decoded) => ({ raw: decoded.map(encodeURIComponent).join('='), decoded }));
}

function bearerTokens({ headers }: IncomingMessage): string[] {
  const [, token] = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '') ?? [];
  return token === undefined ? [] : [token];
}

function theKey(presented: readonly string[], isOptional: boolean): string {
  const [key, ...others] = new Set(presented.filter((each) => each !== ''));
  if (others.length > 0) throw new HttpProblem('key_ambiguous', 'The request carries two different keys.');
  if (key !== undefined || isOptional) return key ?? '';
  throw new HttpProblem('key_missing', 'Send the call key as parameter "key" or as Authorization: Bearer.', {
    'www-authenticate': 'Bearer',
  });
}
