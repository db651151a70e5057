import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkAccount } from '../../src/account/load-account.ts';
import type { AccountDocument } from '../../src/domain/account-document.ts';
import { startMoneyService } from '../support/money-service.ts';

const shell = promisify(execFile);

/** Commands of docs/account.md, each in one line. */
function commands(): string[] {
  const page = readFileSync('docs/account.md', 'utf8');
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) =>
      block
        .replaceAll(/\\\n\s*/g, '')
        .trim()
        .split('\n'),
    )
    .filter((line) => line.startsWith('curl'));
}

it('docs/account.md: its requests do what it says', async () => {
  await using service = await startMoneyService({ accountSource: 'database' });
  const document: AccountDocument = parse(readFileSync('account.example.yaml', 'utf8'));
  await service.store.applyAccount({ account: checkAccount(document), document, now: service.clock.at });
  const statuses: string[] = [];
  let etag = '';
  for (const line of commands()) {
    const command = line
      .replaceAll('http://127.0.0.1:8080', service.url)
      .replace('"ETAG"', etag)
      .replace(/^curl( -i)?/, 'curl --silent --show-error --include');
    const { stdout } = await shell('sh', ['-c', command]);
    statuses.push(/^HTTP\/1\.1 (\d+)/.exec(stdout)?.[1] ?? stdout);
    etag = /^etag: (.*)\r$/im.exec(stdout)?.[1] ?? etag;
  }
  expect(statuses).toEqual(['200', '200', '201', '200', '200']);
  expect((await service.send('/api/v1/buyers')).body.buyers).toEqual(document.buyers);
});
