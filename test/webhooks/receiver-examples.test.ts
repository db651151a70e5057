import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseAccount } from '../../src/account/load-account.ts';
import { goodSecrets, printableSecret, signatureHeaders } from '../../src/webhooks/signature.ts';

const text = readFileSync('docs/webhooks.md', 'utf8');
const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code);

const folder = mkdtempSync(join(tmpdir(), 'receiver-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const LANGUAGES = [
  { language: 'js', command: process.execPath, file: 'verify.mjs' },
  { language: 'python', command: 'python3', file: 'verify.py' },
  { language: 'php', command: 'php', file: 'verify.php' },
  { language: 'ruby', command: 'ruby', file: 'verify.rb' },
];
const isThere = (command: string) => spawnSync(command, ['--version']).status === 0;

/** Two of them, as while a receiver changes over to the newer one. */
const [newer, older] = goodSecrets('a secret of the tests', 'crm', { generation: 2, previousUntil: Infinity }, 0);
const BODY = '{"caller":"Zoë 😀"}';

describe('the receivers of docs/webhooks.md', () => {
  for (const { language, command, file } of LANGUAGES) {
    describe.skipIf(!isThere(command))(language, () => {
      const path = join(folder, file);
      writeFileSync(path, blocks(language).at(-1) ?? '');
      const statusOf = (secret: Buffer, at: number, body: string, changed = body) => {
        const signed = signatureHeaders([newer!, older!], { id: 'evt_1', at, content: body });
        const headers = Object.entries(signed).map(([name, value]) => [
          `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
          value,
        ]);
        const env = {
          PATH: process.env['PATH'],
          WEBHOOK_SECRET: printableSecret(secret),
          ...Object.fromEntries(headers),
        };
        const { stdout, stderr } = spawnSync(command, [path], { env, input: changed, encoding: 'utf8' });
        return stdout.trim() || stderr;
      };

      it('take a request signed by the newer and by the older secret', () => {
        for (const secret of [newer!, older!]) expect(statusOf(secret, Date.now(), BODY)).toBe('Status: 204');
      });

      it('refuse another secret, a changed body and an old request', () => {
        expect(statusOf(Buffer.alloc(32, 1), Date.now(), BODY)).toBe('Status: 401');
        expect(statusOf(newer!, Date.now(), BODY, `${BODY} `)).toBe('Status: 401');
        expect(statusOf(newer!, Date.now() - 400_000, BODY)).toBe('Status: 401');
      });
    });
  }

  it('have account settings that can be used', () => {
    const rest = parse(readFileSync('account.example.yaml', 'utf8')) as { campaigns: object[] };
    const examples = blocks('yaml').map((yaml) => parse(yaml) as object);
    for (const example of examples) {
      const [campaign] = rest.campaigns;
      const account = parseAccount(
        stringify({ ...rest, campaigns: [{ ...campaign, ...example }] }),
        'docs/webhooks.md',
      );
      expect(account.campaigns[0]?.webhooks.length).toBeGreaterThan(0);
    }
    expect(examples).toHaveLength(2);
  });
});
