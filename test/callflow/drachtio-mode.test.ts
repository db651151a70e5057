import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

const SECRET = 'a secret between the two';

let engine: ChildProcess;
let sipPort: number;
let controlPort: number;
let buyerPort: number;
let bridge: Bridge;

/** The engine in a process of its own, in the place of a drachtio-server: the same control protocol, another machine for all the bridge knows. */
async function startEngine(): Promise<ChildProcess> {
  const args = ['--sip', `udp/127.0.0.1:${sipPort}`, '--control', `127.0.0.1:${controlPort}`, '--secret', SECRET];
  const child = spawn(process.execPath, ['sip/engine/cli.ts', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: child.stdout }), 'line');
  return child;
}

async function killEngine(): Promise<void> {
  const gone = once(engine, 'exit');
  engine.kill('SIGKILL');
  await gone;
}

const readiness = async () => {
  const response = await fetch(`${bridge.http}/readyz`);
  const { parts } = (await response.json()) as { parts: Record<string, boolean> };
  return { status: response.status, parts };
};

async function talk(): Promise<string> {
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
  await using caller = await startSipp('uac-answered-hangs-up', {
    ...{ remote: `127.0.0.1:${sipPort}`, dialedNumber: NUMBER },
  });
  await Promise.all([caller.exit, buyer.exit]);
  return buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '';
}

beforeEach(async () => {
  [sipPort, controlPort, buyerPort] = [await freePort(), await freePort(), await freePort()];
  engine = await startEngine();
  bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${buyerPort}`] } }), {
    ...{ SIP_ENGINE: 'drachtio', SIP_PORT: '', DRACHTIO_HOST: '127.0.0.1' },
    ...{ DRACHTIO_PORT: `${controlPort}`, DRACHTIO_SECRET: SECRET },
  });
});
afterEach(async () => {
  await bridge?.stop();
  engine?.kill('SIGKILL');
});

describe('SIP_ENGINE=drachtio', () => {
  it('bridges calls, says no while the server is away, and bridges again when it is back', async () => {
    const first = await talk();
    await waitFor('the end', async () => (await bridge.call(first))['end_time'] !== null);
    expect(await bridge.call(first)).toMatchObject({ outcome: 'completed', buyer_id: 'A' });
    expect(await readiness()).toMatchObject({ status: 200, parts: { calls: true, sip: true, database: true } });
    const connected = bridge.log.find(({ msg }) => msg === 'connected to the SIP server');
    expect(connected).toMatchObject({ level: 'info', version: expect.stringMatching(/^v0\.9/) });
    await killEngine();
    const away = await waitFor('the loss to be seen', async () => {
      const now = await readiness();
      return now.status === 503 ? now : undefined;
    });
    expect(away.parts).toEqual({ calls: true, sip: false, database: true });
    engine = await startEngine();
    await waitFor('the way back', async () => (await readiness()).status === 200, { timeoutMs: 15_000 });
    const second = await talk();
    await waitFor('the end', async () => (await bridge.call(second))['end_time'] !== null);
    expect(await bridge.call(second)).toMatchObject({ outcome: 'completed', buyer_id: 'A' });
  });

  it('ends the row of a call when its server goes: nothing more can be heard of it', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
    await using caller = await startSipp('uac-answered-expect-bye', {
      ...{ remote: `127.0.0.1:${sipPort}`, dialedNumber: NUMBER },
    });
    for (const sipp of [buyer, caller]) sipp.exit.catch(() => undefined); // nobody hangs up there any more
    const call = await waitFor('the call to be up', async () => {
      const [newest] = await bridge.calls();
      return newest?.['answer_time'] == null ? undefined : newest;
    });
    await killEngine();
    const ended = await waitFor('the end', async () => {
      const now = await bridge.call(call['call_uuid']);
      return now['end_time'] === null ? undefined : now;
    });
    expect(ended).toMatchObject({
      end_estimated: true,
      outcome: 'completed',
      outcome_reason: 'server_lost',
      hung_up_by: 'system',
    });
    expect(bridge.log.filter(({ level }) => level === 'fatal')).toEqual([]);
  });

  it('ends the row of a call that rang when its server went', async () => {
    await using buyer = await startSipp('uas-ring-expect-cancel', { port: buyerPort });
    await using caller = await startSipp('uac-answered-expect-bye', {
      ...{ remote: `127.0.0.1:${sipPort}`, dialedNumber: NUMBER },
    });
    for (const sipp of [buyer, caller]) sipp.exit.catch(() => undefined);
    const call = await waitFor('the buyer to ring', async () => {
      const [newest] = await bridge.calls();
      const details = newest && (await bridge.call(newest['call_uuid']));
      return details?.['attempts'].length > 0 ? details : undefined;
    });
    await killEngine();
    const ended = await waitFor('the end', async () => {
      const now = await bridge.call(call?.['call_uuid']);
      return now['end_time'] === null ? undefined : now;
    });
    expect(ended).toMatchObject({ answer_time: null, outcome: 'failed', outcome_reason: 'server_lost' });
    expect((await bridge.calls())[0]).toMatchObject({ buyer_id: null });
  });

  it('refuses to start with a wrong secret, with the remedy', async () => {
    const settings = {
      ...{ SIP_ENGINE: 'drachtio', SIP_PORT: '', DRACHTIO_HOST: '127.0.0.1' },
      ...{ DRACHTIO_PORT: `${controlPort}`, DRACHTIO_SECRET: 'another secret, not theirs' },
    };
    const account = testAccount({ buyers: { A: [`sip:a@127.0.0.1:${buyerPort}`] } });
    await expect(startBridge(account, settings)).rejects.toThrow(
      /ended with code 1\nthe SIP server at .* refused us .*: give both the same DRACHTIO_SECRET$/,
    );
  });
});
