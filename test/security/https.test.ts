import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TestAuthority } from '../engine/support/test-authority.ts';
import { testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { waitFor } from '../support/wait-for.ts';

const folder = mkdtempSync(join(tmpdir(), 'https-'));
afterAll(() => rmSync(folder, { recursive: true }));

const files = { HTTP_TLS_CERTIFICATE_FILE: join(folder, 'cert.pem'), HTTP_TLS_KEY_FILE: join(folder, 'key.pem') };
const account = testAccount({ buyers: { A: ['sip:a@127.0.0.1:9'] } });

function install(authority: TestAuthority, days?: number): void {
  const { cert, key } = authority.issue(['127.0.0.1'], days);
  writeFileSync(files.HTTP_TLS_CERTIFICATE_FILE, cert);
  writeFileSync(files.HTTP_TLS_KEY_FILE, key);
}

function statusOf(url: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const req = request(url, { ca, agent: false }, (res) => resolve(res.resume().statusCode));
    req.once('error', reject).end();
  });
}

it('the API speaks HTTPS, takes up a renewed certificate, and keeps the last good one', async () => {
  const [first, second] = [new TestAuthority('First'), new TestAuthority('Second')];
  install(first);
  await using bridge = await startBridge(account, files);
  expect(bridge.http).toMatch(/^https:/);
  const url = `${bridge.http}/readyz`;
  expect(await statusOf(url, first.cert)).toBe(200);
  await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();

  install(second);
  await waitFor('the renewed certificate', () => statusOf(url, second.cert), { timeoutMs: 8_000 });
  writeFileSync(files.HTTP_TLS_KEY_FILE, 'damaged');
  await waitFor('the complaint', () => bridge.log.some(({ msg }) => msg.startsWith('renewed certificate cannot')), {
    timeoutMs: 8_000,
  });
  expect(await statusOf(url, second.cert)).toBe(200);
});

it.each([
  ['a certificate that has run out', () => install(new TestAuthority(), -1), /cert\.pem cannot be used .*run out/],
  ['no certificate', () => rmSync(files.HTTP_TLS_CERTIFICATE_FILE), /HTTP_TLS_CERTIFICATE_FILE: .*cannot be read/],
])('%s: the service says so and does not start', async (_, prepare, complaint) => {
  install(new TestAuthority());
  prepare();
  await expect(startBridge(account, files)).rejects.toThrow(complaint);
});

it('one of the two settings alone is a mistake', async () => {
  install(new TestAuthority());
  const { HTTP_TLS_KEY_FILE: _, ...alone } = files;
  await expect(startBridge(account, alone)).rejects.toThrow(/belong together: set both or remove both/);
});
