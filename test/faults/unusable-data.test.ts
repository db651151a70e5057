import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { testAccount } from '../support/account.ts';
import { spawnBridge } from '../support/bridge-process.ts';
import { SmallDisk } from './small-disk.ts';

const probe = SmallDisk.mount(1);
probe?.[Symbol.dispose]();

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unusable-'));
  file = join(folder, 'data', 'bridge.sqlite');
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'account.yaml'), stringify(testAccount({ buyers: { A: ['sip:a@127.0.0.1:9'] } })));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A start that must fail: what it said, which must be for a person. */
async function complaint(settings: Record<string, string> = {}): Promise<string> {
  const service = spawnBridge({ folder, settings });
  expect(await service.exit).toEqual({ code: 1, signal: null });
  expect(service.output()).not.toMatch(/\n\s+at /);
  return service.output();
}

async function aDatabase(): Promise<void> {
  const service = spawnBridge({ folder, settings: {} });
  await service.ready;
  await service.end('SIGTERM');
}

describe('a start with data that cannot be used says which file and what to do', () => {
  it('the file is something else', async () => {
    writeFileSync(file, 'this is a shopping list, and a long one at that\n'.repeat(200));
    expect(await complaint()).toMatch(/bridge\.sqlite cannot be used: .*not a database.*Restore it from a backup/);
  });

  it('pages of the file are damaged', async () => {
    await aDatabase();
    const descriptor = openSync(file, 'r+');
    for (let at = 4096; at < statSync(file).size; at += 8192)
      writeSync(descriptor, Buffer.alloc(2048, 0xa5), 0, 2048, at);
    closeSync(descriptor);
    expect(await complaint()).toMatch(/bridge\.sqlite cannot be used: .*Restore it from a backup/);
  });

  it.skipIf(probe === undefined)('the disk is read-only', async () => {
    using disk = SmallDisk.mount(8)!;
    disk.makeReadOnly();
    expect(await complaint({ DATA_DIR: disk.data })).toMatch(/read-only file system/i);
  });

  it.skipIf(probe === undefined)('the disk is full', async () => {
    using disk = SmallDisk.mount(1)!;
    disk.fill();
    expect(await complaint({ DATA_DIR: disk.data })).toMatch(/no space left|full/i);
  });
});
