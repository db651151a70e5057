import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { linesOf, ReservingCall } from '../support/reserving-calls.ts';

const NOW = Date.parse('2026-03-02T17:00:00Z');
const HOLDER = fileURLToPath(new URL('../support/line-holder.ts', import.meta.url));
const OPERATIONS = new URL('../../src/operations.ts', import.meta.url);

describe('a process that is killed while it holds lines (semantics §6, §7)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  const file = join(folder, 'calls.sqlite');
  let open: OpenStore<Operations>;

  beforeAll(async () => {
    const holder = spawn(process.execPath, [HOLDER, file, String(NOW)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(holder, 'exit');
    const [text] = await Promise.race([once(holder.stdout, 'data'), exited]);
    expect(String(text)).toContain('held');
    holder.kill('SIGKILL');
    await exited;
    open = await openSqliteStore<Operations>({ file, operations: OPERATIONS });
  });
  afterAll(async () => {
    await open.close();
    rmSync(folder, { recursive: true });
  });

  it('leaves no ghost: the next start closes its calls and frees every line', async () => {
    const store = open.operations;
    expect(await linesOf(store, 'A', NOW)).toBe(3);
    expect(await store.closeAbandonedCalls({ nodeId: 'node-1', isAlone: true, now: NOW + 1 })).toMatchObject({
      closed: 2,
    });
    expect(await linesOf(store, 'A', NOW)).toBe(0);
    const call = new ReservingCall(store, { now: NOW + 1 });
    await call.begin();
    expect(await call.reserve([['A']])).toMatchObject({ chosen: { buyerIds: ['A'] }, capReached: [] });
  });
});
