import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { parseJson } from './parse-json.ts';
import { readBody } from './postback/request-body.ts';
import { decodeUtf8 } from './postback/url-parameters.ts';
import { HttpProblem } from './problem.ts';

/** Of an account with thousands of numbers. */
const MOST_PLAIN_BYTES = 8 * 1024 * 1024;

/** A JSON body as it is, numbers as numbers: for what an account file could hold. Throws HttpProblem. */
export async function readPlainJson(req: IncomingMessage): Promise<unknown> {
  const { kind, bytes } = await readBody(req, MOST_PLAIN_BYTES);
  if (kind !== 'json') throw new HttpProblem('content_type_unsupported', 'Send the body as application/json.');
  try {
    return JSON.parse(decodeUtf8(bytes));
  } catch (error) {
    throw new HttpProblem('body_invalid', `The body is not JSON: ${(error as Error).message}`);
  }
}

/**
 * The JSON body of an operator's request, checked. Other types are refused: a web page can send those anywhere without asking.
 * Numbers arrive as the text they were sent as, so that `10.00` stays that. Throws HttpProblem.
 */
export async function readJsonBody<Schema extends z.ZodType>(
  req: IncomingMessage,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const { kind, bytes } = await readBody(req);
  if (kind !== 'json') throw new HttpProblem('content_type_unsupported', 'Send the body as application/json.');
  const parsed = schema.safeParse(parseJson(decodeUtf8(bytes)));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`);
  throw new HttpProblem('fields_invalid', problems.join('; '));
}
