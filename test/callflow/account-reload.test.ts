import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

let bridge: Bridge;
let account: ReturnType<typeof testAccount>;
let ports: { A: number; B: number };

beforeAll(async () => {
  ports = { A: await freePort(), B: await freePort() };
  account = testAccount({ buyers: { A: [`sip:a@127.0.0.1:${ports.A}`], B: [`sip:b@127.0.0.1:${ports.B}`] } });
  bridge = await startBridge(account, { SIP_UNKNOWN_SOURCES: 'silence' });
});
afterAll(() => bridge?.stop());

const file = () => join(bridge.folder, 'account.yaml');
const logged = (msg: string) => bridge.log.filter((line) => line.msg === msg);

/** Writes the file and waits until the service says this about it. */
async function write(text: string, msg: string) {
  const before = logged(msg).length;
  writeFileSync(`${file()}.new`, text);
  renameSync(`${file()}.new`, file());
  return waitFor(`"${msg}"`, () => logged(msg)[before], { timeoutMs: 8_000 });
}

const toBridge = () => ({ remote: bridge.sip, dialedNumber: NUMBER });

describe('a change of the account file while the service runs', () => {
  it('is seen at the next call; the call in progress goes on as it began', async () => {
    await using buyerA = await startSipp('uas-ring-answer-expect-bye', { port: ports.A });
    await using first = await startSipp('uac-answered-hangs-up', { ...toBridge(), set: { talk_ms: 5_000 } });
    await waitFor('the first call to be up', () => buyerA.messages('ACK')[0]);

    const [campaign] = account.campaigns;
    const onlyB = { ...account, campaigns: [{ ...campaign, routes: [{ buyer: 'B' }] }] };
    const line = await write(stringify(onlyB), 'account reloaded');
    expect(line['changes']).toEqual({ campaigns: { added: 0, changed: 1, removed: 0 } });

    await using buyerB = await startSipp('uas-ring-answer-expect-bye', { port: ports.B });
    await using second = await startSipp('uac-answered-hangs-up', toBridge());
    await Promise.all([second.exit, buyerB.exit]);
    expect(buyerA.messages('BYE')).toHaveLength(0);
    await Promise.all([first.exit, buyerA.exit]);
  }, 20_000);

  it('that cannot be used is explained, and the last account stays', async () => {
    const line = await write(
      `${stringify(account)}more: { password: xyzzy }\n`.replace('campaign: auto', 'campaign: nowhere'),
      'account not reloaded, the last one stays in use',
    );
    expect(line.level).toBe('error');
    expect(line['problem']).toMatch(/account\.yaml has \d? ?a? ?problem.*\n {2}line \d+, more: is not a setting/);
    await using buyerB = await startSipp('uas-ring-answer-expect-bye', { port: ports.B });
    await using caller = await startSipp('uac-answered-hangs-up', toBridge());
    await Promise.all([caller.exit, buyerB.exit]);
    expect(JSON.stringify(bridge.log)).not.toContain('xyzzy');
  });

  it('that sends calls back to the service itself is refused', async () => {
    const [host, port] = bridge.sip.split(':');
    const text = readFileSync(file(), 'utf8')
      .replaceAll(/more:.*\n/g, '')
      .replace('nowhere', 'auto');
    const line = await write(
      text.replace(`sip:a@127.0.0.1:${ports.A}`, `sip:a@${host}:${port}`),
      'account not reloaded, the last one stays in use',
    );
    expect(line['problem']).toContain('is the address of this service itself');
  });

  it('lets a new carrier in and an old one out, in the engine too', async () => {
    const moved = { ...account, carriers: [{ id: 'moved', name: 'Moved', addresses: ['127.0.0.2'] }] };
    await write(stringify(moved), 'account reloaded');
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: ports.A });
    await using caller = await startSipp('uac-answered-hangs-up', { ...toBridge(), address: '127.0.0.2' });
    await Promise.all([caller.exit, buyer.exit]);
  });

  it('is looked for at once on SIGHUP', async () => {
    const before = logged('account reloaded').length;
    process.kill(bridge.pid, 'SIGHUP');
    const line = await waitFor('the reload', () => logged('account reloaded')[before], { timeoutMs: 1_500 });
    expect(line['changes']).toEqual({});
  });
});
