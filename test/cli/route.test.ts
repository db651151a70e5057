import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseAccount } from '../../src/account/load-account.ts';
import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { OpenStore } from '../../src/store/store.ts';
import { ReservingCall } from '../support/reserving-calls.ts';
import { lines, runCli } from '../support/run-cli.ts';

const NUMBER = '+18005550100';
const CALLER = '+12025550143';
const buyer = (id: string, more: object = {}) => ({
  id,
  name: id,
  destinations: [`sip:${id}@127.0.0.1:5070`],
  ...more,
});

const account = {
  time_zone: 'America/New_York',
  carriers: [{ id: 'carrier', name: 'Carrier', addresses: ['127.0.0.1'] }],
  buyers: [
    buyer('acme'),
    buyer('bestco'),
    buyer('night', { opening_hours: [{ days: ['mon'], from: '09:00', to: '17:00' }] }),
    buyer('resting', { paused: true }),
    buyer('full', { caps: [{ per: 'concurrent', limit: 1 }] }),
    buyer('once', { duplicates: { after: 'connected', within_days: 30 } }),
    buyer('backup'),
  ],
  campaigns: [
    {
      id: 'campaign',
      name: 'Campaign',
      routes: [
        { buyer: 'bestco', weight: 3, matches: ['state==CA'] },
        { buyer: 'acme', weight: 7 },
        { buyer: 'night' },
        { buyer: 'resting' },
        { buyer: 'full' },
        { buyer: 'once' },
        { buyer: 'backup', priority: 2 },
      ],
      last_resort: 'sip:desk@127.0.0.1:5090',
    },
  ],
  numbers: [
    { number: NUMBER, campaign: 'campaign', tags: { channel: 'radio' } },
    { number: '+18005550199', campaign: 'campaign' },
    { number: '+442071838750', campaign: 'campaign' },
  ],
};

let folder: string;
let store: OpenStore<Operations> | undefined;

const run = (...args: string[]) =>
  runCli('route', args, { ACCOUNT_FILE: 'account.yaml', DATA_DIR: join(folder, 'data') }, folder);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'route-test-'));
  writeFileSync(join(folder, 'account.yaml'), stringify(account));
});

afterAll(async () => {
  await store?.close();
  rmSync(folder, { recursive: true });
});

describe('npm run route', () => {
  it('before the service ever ran: says who would be dialled, and what it cannot know', async () => {
    const { status, output, errors } = await run('--number', NUMBER, '--tag', 'state=CA', '--at', '2026-11-01T03:30');
    expect([status, errors]).toEqual([0, '']);
    expect(lines(output)).toEqual(
      expect.arrayContaining([
        'tags channel=radio state=CA',
        'at Sun 2026-11-01 03:30 -05:00 America/New_York',
        'One of 4 is dialled first, by weight.',
        '1 acme 7 58.3 % 30 s',
        '1 bestco 3 25 % 30 s',
        '2 backup 1 - 30 s',
        'night outside opening hours closed: it is Sun 03:30 in America/New_York, opens Mon 09:00',
        'resting paused the buyer is paused',
        'If nobody takes it, it goes to the last resort, sip:desk@127.0.0.1:5090.',
        'No database yet: caps, earlier calls and carried tags are left out (DATA_DIR).',
      ]),
    );
  });

  it.each([
    ['without a terminal', {}, false],
    ['where a terminal is', { FORCE_COLOR: '1' }, true],
    ['with NO_COLOR, whatever else', { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    ['with an empty NO_COLOR, which says nothing', { FORCE_COLOR: '1', NO_COLOR: '' }, true],
  ])('colours %s: %j', async (_, settings, coloured) => {
    const { output } = await runCli(
      'route',
      ['--number', NUMBER],
      { ACCOUNT_FILE: 'account.yaml', ...settings },
      folder,
    );
    expect(output.includes('\x1b[')).toBe(coloured);
  });

  it.each([
    [
      'an unknown number',
      ['--number', '+18005550109'],
      /has no number "\+18005550109": the nearest are \+18005550100, \+18005550199, /,
    ],
    ['no number', [], /required option '--number <number>' not specified\nAdd --help/],
    ['a time that is none', ['--number', NUMBER, '--at', 'noon'], /"noon" is not a time: write 2026-11-01T03:30/],
    ['a day that is none', ['--number', NUMBER, '--at', '2026-02-30T10:00'], /does not exist in the calendar/],
    [
      'a time that clocks skip',
      ['--number', NUMBER, '--at', '2026-03-08T02:30'],
      /does not happen in America\/New_York, as clocks skip it: write 2026-03-08T03:30 or add an offset/,
    ],
    ['a zone that is none', ['--number', NUMBER, '--zone', 'Mars/Base'], /no time zone "Mars\/Base": write one like/],
    ['a tag that is none', ['--number', NUMBER, '--tag', 'CA'], /Write it like state=CA/],
    [
      'a tag of the system',
      ['--number', NUMBER, '--tag', 'system_buyer_id=acme'],
      /is set by the service: leave it out/,
    ],
    ['a caller that is none', ['--number', NUMBER, '--caller', 'me'], /"me" is not a caller's number/],
    ['an option that is none', ['--number', NUMBER, '--when', 'now'], /unknown option '--when'/],
  ])('refuses %s with the remedy, and status 1', async (_, args, message) => {
    const { status, output, errors } = await run(...args);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
    expect([status, output]).toEqual([1, '']);
  });

  it('refuses to guess without an account', async () => {
    const { status, errors } = await runCli('route', ['--number', NUMBER], { ACCOUNT_FILE: 'none.yaml' }, folder);
    expect([status, errors]).toEqual([1, 'none.yaml cannot be read (ENOENT): set ACCOUNT_FILE\n']);
  });

  it('--help has examples', async () => {
    expect((await run('--help')).output).toMatch(/Examples:\n {2}bridge route --number \+1/);
  });
});

describe('npm run route beside a running service', () => {
  beforeAll(async () => {
    store = await openSqliteStore<Operations>({
      file: join(folder, 'data', 'bridge.sqlite'),
      operations: new URL('../../src/operations.ts', import.meta.url),
    });
    const { operations } = store;
    await operations.applyAccount({ account: parseAccount(stringify(account), 'account.yaml'), now: Date.now() });
    const running = new ReservingCall(operations, { now: Date.now() - 1_000, caller: CALLER });
    await running.begin();
    await running.reserve([['full']]);
    const answered = new ReservingCall(operations, { now: Date.now() - 60_000, caller: CALLER });
    await answered.begin();
    await answered.dial('once');
    await answered.answer('once');
    await answered.end();
  });

  it('counts lines in use and earlier calls of the caller', async () => {
    const { status, output, errors } = await run('--number', NUMBER, '--caller', CALLER, '--json');
    expect([status, errors]).toEqual([0, '']);
    const { skipped, candidates, last_call, unknown } = JSON.parse(output);
    expect(skipped).toContainEqual({ buyer_id: 'full', reason: 'cap_reached', detail: '1 of 1 concurrent calls' });
    expect(skipped).toContainEqual(expect.objectContaining({ buyer_id: 'once', reason: 'duplicate_caller' }));
    expect(skipped).toContainEqual({
      buyer_id: 'bestco',
      reason: 'tags_do_not_match',
      detail: 'wants state==CA; the call has no state',
    });
    expect(candidates[0]).toEqual({
      buyer_ids: ['acme'],
      priority: 1,
      weight: 7,
      previous_buyer: false,
      chance_to_be_first: expect.any(Number),
    });
    expect(last_call.buyer_id).toBe('once');
    expect(unknown).toEqual(['health']);
  });

  it('lines in use now say nothing of another time; nor does a hidden caller repeat', async () => {
    const { output } = await run('--number', NUMBER, '--at', '2026-12-01T12:00Z', '--json');
    const { candidates, last_call } = JSON.parse(output);
    const ids = candidates.flatMap((candidate: { buyer_ids: string[] }) => candidate.buyer_ids);
    expect(ids).toEqual(expect.arrayContaining(['full', 'once']));
    expect(last_call).toBeNull();
  });

  it('changes nothing in the database', async () => {
    const before = await store?.operations.searchCalls({ filter: { columns: {} }, limit: 10 });
    await run('--number', NUMBER, '--caller', CALLER);
    expect(await store?.operations.searchCalls({ filter: { columns: {} }, limit: 10 })).toEqual(before);
  });
});
