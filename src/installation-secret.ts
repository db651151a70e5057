import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_NAME = 'call-key.secret';

/**
 * The secret the call keys are derived from: the configured one, else that of the data folder, created at the first start
 * (mode 0600, semantics §2). Whoever loses the file makes the keys of all running calls invalid: back it up.
 */
export function installationSecret(configured: string | undefined, dataFolder: string): string {
  if (configured !== undefined) return configured;
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const file = join(dataFolder, FILE_NAME);
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const secret = readFileSync(file, 'utf8').trim();
  if (secret.length < 16) throw new Error(`${file} is damaged: restore it from a backup, or remove it to get new keys`);
  return secret;
}
