import { readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Account } from '../domain/account.ts';
import type { AccountDocument } from '../domain/account-document.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import type { AccountProblem } from './account-problem.ts';
import { checkCarriers } from './check-carriers.ts';
import { checkOwnAddress } from './check-own-address.ts';
import { checkReferences } from './check-references.ts';
import { accountSchema } from './schema/account.ts';

/** The account file cannot be used; `message` lists every problem with its line, path and remedy. */
export class AccountFileError extends Error {
  readonly code = 'account_file_invalid';
}

/** An account and what was written for it. */
export interface WrittenAccount {
  readonly account: Account;
  readonly document: AccountDocument;
}

/** Reads an account file; `own` is where nothing in it may lead. Throws AccountFileError. */
export function loadWrittenAccount(file: string, own?: OwnAddress): WrittenAccount {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new AccountFileError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}): set ACCOUNT_FILE`, {
      cause: error,
    });
  }
  return parseText(text, file, own);
}

/** As `loadWrittenAccount`, the account alone. */
export function loadAccount(file: string, own?: OwnAddress): Account {
  return loadWrittenAccount(file, own).account;
}

/** Parses the text of an account file; `file` is only named in the error. Throws AccountFileError. */
export function parseAccount(text: string, file: string, own?: OwnAddress): Account {
  return parseText(text, file, own).account;
}

/** Checks an account that is in no file. Throws AccountFileError that names each problem's place in it. */
export function checkAccount(document: AccountDocument, own?: OwnAddress): Account {
  const { account, problems } = check(document, own);
  if (account !== undefined) return account;
  const lines = problems.map(({ path, message }) => `${pathText(path, 'the account')}: ${message}`);
  throw new AccountFileError(lines.join('; '));
}

function parseText(text: string, file: string, own: OwnAddress | undefined): WrittenAccount {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax !== undefined) throw new AccountFileError(`${file}, ${firstLine(syntax.message)}`);
  const written = document.toJS() as AccountDocument;
  const { account, problems } = check(written, own);
  if (account !== undefined) return { account, document: written };
  throw new AccountFileError(describe(problems, document, lines, file));
}

function check(
  document: unknown,
  own: OwnAddress | undefined,
): { readonly account: Account | undefined; readonly problems: readonly AccountProblem[] } {
  const parsed = accountSchema.safeParse(document);
  const problems = parsed.success ? problemsIn(parsed.data, own) : parsed.error.issues.map(problemOf);
  return { account: parsed.success && problems.length === 0 ? parsed.data : undefined, problems };
}

/** Without the excerpt that follows: a password may stand in it, and the message is logged. */
function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/:$/, '');
}

/** What only shows when the account is seen as a whole. */
function problemsIn(account: Account, own: OwnAddress | undefined): AccountProblem[] {
  return [
    ...checkReferences(account),
    ...checkCarriers(account),
    ...(own === undefined ? [] : checkOwnAddress(account, own)),
  ];
}

/** What zod found, as a problem with a remedy in it; an unknown setting is reported where it stands. */
function problemOf(issue: z.core.$ZodIssue): AccountProblem {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const message = 'is not a setting: remove it or correct its name';
    return { path: [...path, issue.keys[0] ?? ''], message };
  }
  const generic = /^Invalid input: expected (\w+), received (\w+)$/.exec(issue.message);
  if (generic === null) return { path, message: issue.message };
  const wanted = WANTED[generic[1] ?? ''] ?? generic[1];
  return { path, message: generic[2] === 'undefined' ? `is missing: add ${wanted}` : `write ${wanted}` };
}

const WANTED: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  object: 'settings, as in account.example.yaml',
  record: 'a map of names and values',
  string: 'a text',
};

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

function pathText(path: readonly (string | number)[], whole = 'the file'): string {
  if (path.length === 0) return whole;
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}
