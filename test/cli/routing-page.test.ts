import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAccount } from '../../src/account/load-account.ts';
import { SKIP_REASONS } from '../../src/domain/routing.ts';
import { runCli } from '../support/run-cli.ts';

const page = readFileSync('docs/routing.md', 'utf8');
const blocks = [...page.matchAll(/```(\w+)( account)?\n([\s\S]*?)```/g)].map(([, kind, isAccount, text = '']) => ({
  kind,
  isAccount: isAccount !== undefined,
  text,
}));
const account = blocks.find(({ isAccount }) => isAccount)?.text ?? '';
const commands = blocks
  .filter(({ kind }) => kind === 'console')
  .map(({ text }) => /^\$ npm run route -- (.*)\n([\s\S]*)$/.exec(text) ?? [])
  .map(([, args = '', output = '']) => ({ args, output }));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'routing-page-'));
  writeFileSync(join(folder, 'account.yaml'), account);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('docs/routing.md', () => {
  it('its account can be loaded', () => {
    expect(parseAccount(account, 'account.yaml').buyers.length).toBeGreaterThan(5);
  });

  it('what it shows of each rule stands in its account', () => {
    const snippets = blocks.filter(({ kind, isAccount }) => kind === 'yaml' && !isAccount);
    expect(snippets.length).toBeGreaterThan(4);
    for (const { text } of snippets) for (const line of text.trimEnd().split('\n')) expect(account).toContain(line);
  });

  it('it explains every reason, and no other', () => {
    const section = /## Reasons([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, reason]) => reason);
    expect(rows).toEqual([...SKIP_REASONS]);
  });

  it('has examples', () => expect(commands.length).toBeGreaterThan(2));

  it.each(commands)('npm run route -- $args', async ({ args, output }) => {
    const result = await runCli('route', args.split(' '), { ACCOUNT_FILE: 'account.yaml', DATA_DIR: folder }, folder);
    expect([result.status, result.errors]).toEqual([0, '']);
    expect(shown(result.output)).toBe(output);
  });
});

/** The page leaves out the last lines, which say what a terminal without a service cannot know. */
function shown(output: string): string {
  return output.slice(0, output.indexOf('\n\nNo database yet') + 1);
}
