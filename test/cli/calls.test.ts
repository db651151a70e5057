import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

let bridge: Bridge;
let port: number;

const run = (...args: string[]) => runCli('calls', [...args, '--url', bridge.http], {}, bridge.folder);

async function sale(): Promise<string> {
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-hangs-up', {
    ...{ remote: bridge.sip, dialedNumber: NUMBER, set: { talk_ms: 2_500 } },
  });
  await Promise.all([caller.exit, buyer.exit]);
  const [invite] = buyer.messages();
  const uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
  await bridge.postback(uuid, 'set_value', { key: invite?.header('X-PH-RetreaverKey') ?? '', revenue: '10.00' });
  return uuid;
}

beforeAll(async () => {
  port = await freePort();
  bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } }));
});
afterAll(() => bridge?.stop());

describe('bridge calls', () => {
  it('tail tells of each step of a call as it happens; list shows it afterwards', async () => {
    const entry = new URL('../../src/cli/bridge.ts', import.meta.url).pathname;
    const tail = spawn(process.execPath, [entry, 'calls', 'tail', '--url', bridge.http], { cwd: bridge.folder });
    const told: string[] = [];
    createInterface({ input: tail.stdout }).on('line', (line) => told.push(stripVTControlCharacters(line)));
    try {
      await waitFor('tail to watch', () => told.length > 0);
      const uuid = await sale();
      await waitFor('the sale to be told', () => told.some((line) => line.includes('converted')));
      const steps = told.filter((line) => line.includes(uuid)).map((line) => line.split(uuid)[1]?.trim());
      expect(steps.at(-1)).toMatch(/^caller_hung_up {2}2 s {2}converted {2}revenue 10\.00, payout 8\.00$/);
      expect(steps).toContain('answered by A');
      const { output } = await run('list', '--where', 'buyer_id=A', '--where', 'status=converted');
      expect(lines(output).at(-2)).toMatch(new RegExp(`^${uuid} .* A 2 s caller_hung_up converted 10\\.00 8\\.00$`));
      const { calls } = JSON.parse((await run('list', '--json', '--limit', '1')).output);
      expect(calls).toMatchObject([{ call_uuid: uuid, revenue: '10.00' }]);
    } finally {
      tail.kill();
    }
  });

  it.each([
    ['a filter that is none', ['list', '--where', 'buyer=A'], 'buyer is not a parameter of this list'],
    ['a filter without a value', ['list', '--where', 'buyer_id'], 'write it like buyer_id=acme'],
    ['a limit that is none', ['list', '--limit', 'all'], '--limit: write a number'],
    ['a call that is not up', ['hang-up', '0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60'], 'No such call is up here.'],
  ])('refuses %s with the remedy, and status 1', async (_, args, message) => {
    const { status, output, errors } = await run(...args);
    expect([status, output]).toEqual([1, '']);
    expect(errors).toContain(message);
  });
});
