import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';

let bridge: Bridge;
let folder: string;
let uuid: string;
let key: string;

const data = () => join(bridge.folder, 'data');
const bridgeCli = (name: string, args: string[], dataDir = data()) => runCli(name, args, { DATA_DIR: dataDir }, folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'backup-test-'));
  const port = await freePort();
  bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } }));
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-hangs-up', { remote: bridge.sip, dialedNumber: NUMBER });
  await Promise.all([caller.exit, buyer.exit]);
  const [invite] = buyer.messages();
  uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
  key = invite?.header('X-PH-RetreaverKey') ?? '';
});
afterAll(async () => {
  await bridge?.stop();
  rmSync(folder, { recursive: true });
});

describe('bridge backup and restore', () => {
  it('copy a database that is written to meanwhile; what was restored takes the sale with the old key', async () => {
    const backup = join(folder, 'first');
    const posts = (async () => {
      for (let n = 1; n <= 200; n++) await bridge.postback(uuid, 'add_tags', { key, n: `${n}` });
    })();
    const { status, output, errors } = await bridgeCli('backup', [backup]);
    await posts;
    expect([status, errors]).toEqual([0, '']);
    expect(output).toMatch(/first\/bridge\.sqlite {2}[\d.]+ MB, checked\n.*first\/call-key\.secret\n$/);
    expect(readdirSync(backup).sort()).toEqual(['bridge.sqlite', 'call-key.secret']);
    for (const file of readdirSync(backup)) expect(statSync(join(backup, file)).mode & 0o777).toBe(0o600);
    expect(statSync(backup).mode & 0o777).toBe(0o700);

    const running = await bridgeCli('restore', [backup]);
    expect(running).toMatchObject({
      status: 1,
      errors: `${data()}/bridge.sqlite is in use: stop the service first.\n`,
    });

    await bridge.postback(uuid, 'set_value', { key, revenue: '99.00' });
    await bridge.kill();
    rmSync(join(data(), 'call-key.secret'));
    const restored = await bridgeCli('restore', [backup]);
    expect(restored).toMatchObject({ status: 0, errors: '' });
    expect(restored.output).toContain('bridge.sqlite is the one of');
    expect(readdirSync(data()).filter((name) => name.includes('.before-restore-'))).not.toEqual([]);
    bridge = await bridge.restart();
    expect(await bridge.call(uuid)).toMatchObject({ status: 'pending', revenue: '0.00' });
    const sale = await bridge.postback(uuid, 'set_value', { key, revenue: '10.00' });
    expect(sale.body).toMatchObject({ status: 'converted', revenue: '10.00', payout: '8.00' });
  });

  it('--json is for programs', async () => {
    const backup = join(folder, 'json');
    const { output } = await bridgeCli('backup', [backup, '--json']);
    expect(JSON.parse(output)).toEqual({
      database: join(backup, 'bridge.sqlite'),
      bytes: expect.any(Number),
      secret: join(backup, 'call-key.secret'),
    });
  });

  it('never write over a backup, nor leave half of one', async () => {
    const full = join(folder, 'full');
    mkdirSync(full);
    writeFileSync(join(full, 'precious'), '');
    const refused = await bridgeCli('backup', [full]);
    expect(refused).toMatchObject({
      status: 1,
      errors: `${full} is not empty: name a new folder, so that no older backup is lost.\n`,
    });
    const missing = await bridgeCli('backup', [join(folder, 'none')], join(folder, 'nowhere'));
    expect(missing).toMatchObject({ status: 1, errors: expect.stringContaining('There is no database') });
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('refuse a damaged backup and one that is none; the data stays as it was', async () => {
    const damaged = join(folder, 'damaged');
    await bridgeCli('backup', [damaged]);
    truncateSync(join(damaged, 'bridge.sqlite'), 20_000);
    const target = join(folder, 'target');
    mkdirSync(target);
    new Database(join(target, 'bridge.sqlite')).exec('create table mine (id)').close();
    const broken = await bridgeCli('restore', [damaged], target);
    expect(broken.status).toBe(1);
    expect(broken.errors).toMatch(/damaged|malformed/);
    const none = await bridgeCli('restore', [join(folder, 'no-such')], target);
    expect(none.errors).toContain('name a folder that bridge backup has made');
    expect(readdirSync(target)).toEqual(['bridge.sqlite']);
  });
});
