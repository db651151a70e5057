import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installationSecret } from '../../src/installation-secret.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is created once, for this user alone, with nothing left beside it', () => {
  const data = join(folder, 'new', 'data');
  const secret = installationSecret(undefined, data);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(installationSecret(undefined, data)).toBe(secret);
  expect(readdirSync(data)).toEqual(['call-key.secret']);
  expect(statSync(join(data, 'call-key.secret')).mode & 0o777).toBe(0o600);
  expect(statSync(data).mode & 0o777).toBe(0o700);
});

it('a configured one needs no file', () => {
  expect(installationSecret('configured-secret-of-ours', join(folder, 'none'))).toBe('configured-secret-of-ours');
  expect(readdirSync(folder)).toEqual([]);
});

it('a damaged one is not replaced: all keys would change', () => {
  writeFileSync(join(folder, 'call-key.secret'), 'short\n');
  expect(() => installationSecret(undefined, folder)).toThrow(/is damaged: restore it from a backup/);
});

it('a folder that cannot be one is named, with what to do', () => {
  const file = join(folder, 'file');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, '');
  expect(() => installationSecret(undefined, file)).toThrow(/file cannot be used: .*choose another DATA_DIR/);
});
