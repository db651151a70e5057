import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { SECRET_FILE } from '../installation-secret.ts';
import { examineDatabase } from '../store/sqlite/examine-database.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

const SCARCE_BYTES = 2 * 2 ** 30;
const TOO_LITTLE_BYTES = 200 * 2 ** 20;

/** Folder, room on its disk, secret, database. */
export async function checkData({ DATA_DIR: folder, CALL_KEY_SECRET: secret }: Config): Promise<Finding[]> {
  const file = join(folder, 'bridge.sqlite');
  const hasDatabase = existsSync(file);
  return [
    checkFolder(folder),
    checkRoom(folder),
    secret === undefined
      ? checkSecret(join(folder, SECRET_FILE), hasDatabase)
      : good('secret', 'set by CALL_KEY_SECRET'),
    hasDatabase ? await checkDatabase(file) : good('database', `${file} will be made at the first start`),
  ];
}

function checkFolder(folder: string): Finding {
  const place = existing(folder);
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    return good('data folder', place === resolve(folder) ? folder : `${folder} will be made in ${place}`);
  } catch {
    return bad('data folder', `this user may not write in ${place}`, `chown it, or choose another DATA_DIR`);
  }
}

function checkRoom(folder: string): Finding {
  const { bavail, bsize } = statfsSync(existing(folder));
  const free = bavail * bsize;
  const text = `${(free / 2 ** 30).toFixed(1)} GB free`;
  if (free < TOO_LITTLE_BYTES) return bad('disk', text, 'make room: with a full disk no call and no postback is taken');
  return free < SCARCE_BYTES ? doubtful('disk', text, 'make room, or set RETENTION_DAYS') : good('disk', text);
}

function checkSecret(file: string, hasDatabase: boolean): Finding {
  if (!existsSync(file)) {
    if (!hasDatabase) return good('secret', `${file} will be made at the first start`);
    return bad('secret', `${file} is missing`, 'restore it: without it no buyer can post back for the calls there are');
  }
  if (readFileSync(file, 'utf8').trim().length < 16)
    return bad('secret', `${file} is damaged`, 'restore it from a backup');
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return good('secret', file);
  return bad('secret', `${file} can be read by others (mode ${mode.toString(8)})`, `chmod 600 ${file}`);
}

async function checkDatabase(file: string): Promise<Finding> {
  const { problem, isOlder, isWhole, bytes, walBytes } = await examineDatabase(file);
  const size = `${file}, ${(bytes / 2 ** 20).toFixed(0)} MB`;
  if (problem !== undefined) return bad('database', `${size}: ${problem}`, 'stop the service; bridge restore a backup');
  if (walBytes > 2 ** 30) {
    const text = `${size}, and ${(walBytes / 2 ** 20).toFixed(0)} MB not yet copied into it`;
    return doubtful('database', text, 'is a program holding an old read open? end it, or start the service again');
  }
  const about = [isOlder ? 'brought to the newest shape at the next start' : '', isWhole ? '' : 'not read through'];
  return good('database', [size, ...about.filter((each) => each !== '')].join(', '));
}

/** The folder itself, or the nearest one above that is there. */
function existing(folder: string): string {
  let place = resolve(folder);
  while (!existsSync(place)) place = dirname(place);
  return place;
}
