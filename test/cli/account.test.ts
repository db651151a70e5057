import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type BridgeProcess, spawnBridge } from '../support/bridge-process.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { waitFor } from '../support/wait-for.ts';

const example = readFileSync('account.example.yaml', 'utf8');
let folder: string;
let service: BridgeProcess;
let http: string;

const settings = { ACCOUNT_SOURCE: 'database' };
const account = (...args: readonly string[]) => runCli('account', args, settings, folder);
const write = (text: string) => writeFileSync(join(folder, 'account.yaml'), text);
const asked = (name: string, ...args: readonly string[]) => runCli(name, [...args, '--url', http], settings, folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'account-'));
  write(example);
});
afterAll(async () => {
  await service?.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

describe('an account in the database', () => {
  it('must be there before the service starts', async () => {
    const early = spawnBridge({ folder, settings });
    early.ready.catch(() => undefined);
    expect((await early.exit).code).toBe(1);
    expect(early.output()).toBe(
      'the database has no account yet: put one there with "bridge account apply account.yaml", or set ACCOUNT_SOURCE=file\n',
    );
    expect((await account('export')).errors).toContain('has no account yet');
  });

  it('is planned, and applied only when that is confirmed', async () => {
    const plan = await account('plan', 'account.yaml');
    expect(plan.status).toBe(0);
    expect(lines(plan.output)).toEqual(
      expect.arrayContaining(['+ buyers acme Acme Insurance', '6 added, 0 changed, 0 removed.']),
    );
    const unasked = await account('apply', 'account.yaml');
    expect([unasked.status, unasked.errors]).toEqual([1, 'There is nobody to ask: add --yes.\n']);
    expect((await account('export')).status).toBe(1);
    expect((await account('apply', 'account.yaml', '--yes')).status).toBe(0);
    expect(parse((await account('export')).output)).toMatchObject({ buyers: parse(example).buyers });
    expect(lines((await account('apply', 'account.yaml')).output)[0]).toBe('Nothing changes.');
  });

  it('is what calls are routed by, and a change is taken over while the service runs', async () => {
    service = spawnBridge({ folder, settings });
    http = (await service.ready).http;
    write(example.replace('Acme Insurance', 'Acme').replace('ring_timeout_seconds: 20', 'ring_timeout_seconds: 25'));
    const applied = await account('apply', 'account.yaml', '--yes');
    expect(lines(applied.output)).toEqual(
      expect.arrayContaining(['~ buyers acme', 'name: "Acme Insurance" → "Acme"', 'ring_timeout_seconds: 20 → 25']),
    );
    const reloaded = await waitFor('the change', () => service.log.find(({ msg }) => msg === 'account reloaded'));
    expect(reloaded['changes']).toEqual({ buyers: { added: 0, changed: 1, removed: 0 } });
    const buyer = (await (await fetch(`${http}/api/v1/buyers/acme`)).json()) as Record<string, unknown>;
    expect(buyer).toMatchObject({ name: 'Acme', ring_timeout_seconds: 25 });
  });

  it('is in force with the answer when it is changed by the API', async () => {
    const response = await fetch(`${http}/api/v1/numbers`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number: '+18005550199', campaign: 'auto-insurance' }),
    });
    expect(response.status).toBe(201);
    const tried = await fetch(`${http}/api/v1/route`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dialed_number: '+18005550199' }),
    });
    expect(((await tried.json()) as Record<string, unknown>)['campaign_id']).toBe('auto-insurance');
    const route = await runCli('route', ['--number', '+18005550199'], settings, folder);
    expect(lines(route.output)[0]).toContain('campaign auto-insurance');
  });

  it('is left as it is by a file with a mistake in it', async () => {
    write(example.replace('buyer: bestco', 'buyer: nobody'));
    const refused = await account('apply', 'account.yaml', '--yes');
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain('line 31, campaigns[0].routes[1].buyer');
    expect((await account('export')).output).toContain('+18005550199');
  });

  it('shows no password but in an export', async () => {
    const login =
      '  - { id: roaming, name: Roaming, login: { username: roaming, password: "correct horse battery" } }\n';
    write(example.replace('\npublishers:', `\n${login}\npublishers:`));
    const plan = await account('plan', 'account.yaml', '--json');
    expect(plan.status, plan.errors).toBe(0);
    expect(plan.output).toContain('[masked]');
    expect(plan.output).not.toContain('correct horse');
    await account('apply', 'account.yaml', '--yes');
    write(example.replace('\npublishers:', `\n${login.replace('battery', 'staple')}\npublishers:`));
    const change = await account('plan', 'account.yaml');
    expect(lines(change.output)).toContain('login.password: changed');
    expect((await account('export')).output).toContain('correct horse battery');
  });

  it('is refused to be changed where the service reads a file', async () => {
    const refused = await runCli('account', ['apply', 'account.yaml', '--yes'], {}, folder);
    expect(refused.status).toBe(1);
    expect(refused.errors).toContain('set ACCOUNT_SOURCE=database for the service first');
  });

  it('goes on after a restart', async () => {
    const exported = (await account('export', '--json')).output;
    await service.end('SIGTERM');
    service = spawnBridge({ folder, settings });
    http = (await service.ready).http;
    expect(await (await fetch(`${http}/api/v1/account`)).json()).toEqual(JSON.parse(exported));
  });
});

describe('tokens and changes', () => {
  it('are made, listed and revoked', async () => {
    const made = await asked(
      'tokens',
      'create',
      'Radio Rancho',
      '--role',
      'publisher',
      '--publisher',
      'radio',
      '--days',
      '30',
    );
    const [token = ''] = lines(made.output);
    expect(token).toMatch(/^spb_/);
    const calls = () => fetch(`${http}/api/v1/calls`, { headers: { authorization: `Bearer ${token}` } });
    expect((await calls()).status).toBe(200);
    const list = lines((await asked('tokens', 'list')).output);
    expect(list.at(-2)).toMatch(/^[0-9a-f-]{36} Radio Rancho publisher radio until 20/);
    const id = list.at(-2)?.split(' ')[0] ?? '';
    expect((await asked('tokens', 'revoke', id)).output).toBe('Radio Rancho is revoked.\n');
    expect((await calls()).status).toBe(403);
    const wrong = await asked('tokens', 'create', 'x', '--role', 'publisher');
    expect([wrong.status, wrong.errors]).toEqual([1, 'name the publisher for the role publisher, and for no other\n']);
  });

  it('are in the log of changes, with who and what', async () => {
    const changes = lines((await asked('changes')).output);
    expect(changes.some((line) => line.includes('command line (') && line.endsWith('account'))).toBe(true);
    expect(changes).toContain('~ buyer acme');
    expect(changes.some((line) => line.includes('this machine 127.0.0.1 account'))).toBe(true);
    expect(changes.some((line) => line.includes('POST /api-tokens 201'))).toBe(true);
    expect(changes.join('\n')).not.toContain('correct horse');
  });
});

it('with an account file the service notes what the file changed', async () => {
  const other = mkdtempSync(join(tmpdir(), 'account-file-'));
  cpSync('account.example.yaml', join(other, 'account.yaml'));
  const running = spawnBridge({ folder: other, settings: {} });
  try {
    const { http: url } = await running.ready;
    writeFileSync(join(other, 'account.yaml'), example.replace('Acme Insurance', 'Acme'));
    running.child.kill('SIGHUP');
    await waitFor('the change', () => running.log.find(({ msg }) => msg === 'account reloaded'));
    const { changes } = (await (await fetch(`${url}/api/v1/changes`)).json()) as { changes: Record<string, unknown>[] };
    expect(changes.map(({ actor, action }) => [actor, action])).toEqual(Array(2).fill(['account file', 'account']));
    expect(changes[0]?.['detail']).toMatchObject([
      { kind: 'buyer', id: 'acme', change: 'changed', after: { name: 'Acme' } },
    ]);
  } finally {
    await running.end('SIGTERM');
    rmSync(other, { recursive: true, force: true });
  }
});
