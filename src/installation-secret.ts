import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from './domain/errors.ts';

/** In the data folder. */
export const SECRET_FILE = 'call-key.secret';

/**
 * The secret the call keys are derived from: the configured one, else that of the data folder, created at the first start
 * (mode 0600, semantics §2). Whoever loses the file makes the keys of all running calls invalid: back it up.
 */
export function installationSecret(configured: string | undefined, dataFolder: string): string {
  if (configured !== undefined) return configured;
  const file = join(dataFolder, SECRET_FILE);
  let secret: string;
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) create(file, dataFolder);
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const why = (error as Error).message;
    const remedy = 'give this user a folder on a disk with room, or choose another DATA_DIR';
    throw new AppError('data_folder_unusable', `${dataFolder} cannot be used: ${why}: ${remedy}`, { cause: error });
  }
  if (secret.length >= 16) return secret;
  const remedy = 'restore it from a backup, or remove it to get new keys';
  throw new AppError('data_folder_unusable', `${file} is damaged: ${remedy}`);
}

/** Whole and on disk, or not there at all: keys derived from a secret that a power cut takes away would be worth nothing. */
function create(file: string, folder: string): void {
  const draft = `${file}.${process.pid}`;
  const descriptor = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(descriptor, `${randomBytes(32).toString('hex')}\n`);
    fsyncSync(descriptor);
    linkUnlessThere(draft, file);
    syncFolder(folder);
  } finally {
    closeSync(descriptor);
    rmSync(draft, { force: true });
  }
}

/** Another process may have been first. */
function linkUnlessThere(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
