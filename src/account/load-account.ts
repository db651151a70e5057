import { readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { Account } from '../domain/account.ts';
import { type AccountProblem, checkReferences } from './check-references.ts';
import { accountSchema } from './schema.ts';

/** The account file cannot be used; `message` lists every problem with its line, path and remedy. */
export class AccountFileError extends Error {
  readonly code = 'account_file_invalid';
}

/** Reads an account file. Throws AccountFileError. */
export function loadAccount(file: string): Account {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AccountFileError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}): set ACCOUNT_FILE`, {
      cause: error,
    });
  }
  return parseAccount(text, file);
}

/** Parses the text of an account file; `file` is only named in the error. Throws AccountFileError. */
export function parseAccount(text: string, file: string): Account {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax !== undefined) throw new AccountFileError(`${file}, ${syntax.message}`, { cause: syntax });

  const parsed = accountSchema.safeParse(document.toJS());
  const problems = parsed.success
    ? checkReferences(parsed.data)
    : parsed.error.issues.map((issue) => ({ path: issue.path as (string | number)[], message: remedy(issue) }));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new AccountFileError(describe(problems, document, lines, file));
}

type Issue = { readonly code: string; readonly message: string; readonly keys?: readonly string[] };

function remedy(issue: Issue): string {
  if (issue.code === 'unrecognized_keys')
    return `unknown setting ${issue.keys?.join(', ')}: remove it or correct its name`;
  return issue.message.replace(/^Invalid input: expected (\w+), received undefined$/, 'is missing: add it (a $1)');
}

function describe(problems: readonly AccountProblem[], document: Document, lines: LineCounter, file: string): string {
  const found = problems.map(({ path, message }) => {
    const line = lineOf(path, document, lines);
    return { line, text: `  line ${line}, ${pathText(path)}: ${message}` };
  });
  found.sort((a, b) => a.line - b.line);
  const count = found.length === 1 ? 'a problem' : `${found.length} problems`;
  return [`${file} has ${count}:`, ...found.map(({ text }) => text)].join('\n');
}

/** The line of the nearest node that exists: a missing key is reported at its parent. */
function lineOf(path: readonly (string | number)[], document: Document, lines: LineCounter): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the file';
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
