import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

/** By login alone, from anywhere; by login and address; by address; and one that may use TCP only. */
const carriers = [
  { id: 'roaming', name: 'R', login: { username: 'alice', password: 'xyzzy-alice' } },
  { id: 'both', name: 'B', addresses: ['127.0.0.2'], login: { username: 'bob', password: 'xyzzy-bob' } },
  { id: 'plain', name: 'P', addresses: ['127.0.0.3'] },
  { id: 'tcp-only', name: 'T', addresses: ['127.0.0.4'], transports: ['tcp'] },
];

let bridge: Bridge;
let buyerPort: number;

beforeAll(async () => {
  buyerPort = await freePort();
  bridge = await startBridge(
    { ...testAccount({ buyers: { A: [`sip:a@127.0.0.1:${buyerPort}`] } }), carriers },
    { LOG_LEVEL: 'debug' },
  );
});
afterAll(() => bridge?.stop());

const toBridge = () => ({ remote: bridge.sip, dialedNumber: NUMBER });
const carrierOf = (callerNumber: string) =>
  waitFor(`the call of ${callerNumber}`, async () => {
    const call = (await bridge.calls()).find((each) => each['caller_number'] === callerNumber);
    return call && (await bridge.call(call['call_uuid']))['carrier_id'];
  });
const isCalledBy = async (callerNumber: string) =>
  (await bridge.calls()).some((call) => call['caller_number'] === callerNumber);
const refusedFor = (reason: string) =>
  waitFor(`the log line of ${reason}`, () => bridge.log.find((line) => line['reason'] === reason));

describe('a carrier that logs in', () => {
  it.each([
    ['from anywhere', '127.0.0.1', 'alice', 'udp', 'roaming'],
    ['from anywhere, over TCP', '127.0.0.1', 'alice', 'tcp', 'roaming'],
    ['from its address', '127.0.0.2', 'bob', 'udp', 'both'],
    ['from the address of another', '127.0.0.2', 'alice', 'udp', 'roaming'],
  ] as const)('%s: its call goes through, the challenge makes no row', async (title, address, user, transport, id) => {
    const callerNumber = `+1202555${1000 + title.length}`;
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
    const login = { user, password: `xyzzy-${user}` };
    await using caller = await startSipp('uac-challenged-logs-in-hangs-up', {
      ...{ ...toBridge(), address, transport, login, callerNumber },
    });
    await Promise.all([caller.exit, buyer.exit]);
    expect(caller.messages(401)).toHaveLength(1);
    expect(buyer.messages()[0]?.raw).not.toMatch(/authorization/i);
    expect(await carrierOf(callerNumber)).toBe(id);
    expect((await bridge.calls()).filter((call) => call['caller_number'] === callerNumber)).toHaveLength(1);
  });

  it.each([
    ['a wrong password', '127.0.0.5', 'alice', 'wrong'],
    ['an unknown user', '127.0.0.5', 'mallory', 'xyzzy-alice'],
    ['a login that is bound to another address', '127.0.0.5', 'bob', 'xyzzy-bob'],
  ])('is asked again after %s; no row, one line in the log', async (title, address, user, password) => {
    const callerNumber = `+1202555${2000 + title.length}`;
    await using caller = await startSipp('uac-challenged-expect-480', {
      ...{ ...toBridge(), address, callerNumber, login: { user, password }, status: 401 },
    });
    await caller.exit;
    expect(await isCalledBy(callerNumber)).toBe(false);
    expect(await refusedFor('login_wrong')).toMatchObject({ level: 'warn', sipStatus: 401 });
  });

  it('is not asked when its address is enough', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
    await using caller = await startSipp('uac-answered-hangs-up', { ...toBridge(), address: '127.0.0.3' });
    await Promise.all([caller.exit, buyer.exit]);
  });

  it('that guesses on and on is refused, and the log does not grow', async () => {
    await using caller = await startSipp('uac-challenged-expect-480', {
      ...{ ...toBridge(), address: '127.0.0.6', login: { user: 'alice', password: 'wrong' }, status: 401, calls: 10 },
    });
    await caller.exit;
    await using blocked = await startSipp('uac-invite-expect-480', {
      ...toBridge(),
      address: '127.0.0.6',
      status: 403,
    });
    await blocked.exit;
    expect(Number(blocked.messages(403)[0]?.header('Retry-After'))).toBeGreaterThan(0);
    expect(bridge.log.filter((line) => line['reason'] === 'login_wrong').length).toBeLessThan(6);
    await refusedFor('too_many_failed_logins');
  });

  it('cannot be impersonated with credentials that were overheard', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
    const login = { user: 'alice', password: 'xyzzy-alice' };
    await using caller = await startSipp('uac-challenged-logs-in-hangs-up', { ...toBridge(), login });
    await Promise.all([caller.exit, buyer.exit]);
    const overheard = caller.sent().at(-1)?.raw ?? '';
    expect(overheard).toMatch(/^Authorization: Digest .*alice/m);
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    const answers: string[] = [];
    socket.on('message', (bytes) => answers.push(bytes.toString()));
    const replayed = overheard.replace(/branch=\S+/, 'branch=z9hG4bKreplay').replace(/Call-ID: .*/, 'Call-ID: replay');
    const before = (await bridge.calls()).length;
    socket.send(replayed, Number(bridge.sip.split(':')[1]), '127.0.0.1');
    const answer = await waitFor('the answer', () => answers.find((text) => !text.startsWith('SIP/2.0 100')));
    expect(answer).toMatch(/^SIP\/2\.0 401 [\s\S]*stale=true/);
    expect(await bridge.calls()).toHaveLength(before);
  });

  it('leaves no password in the log', () => {
    expect(JSON.stringify(bridge.log)).not.toContain('xyzzy');
  });
});

it('a carrier is refused 403 on a transport it may not use, without a row', async () => {
  const callerNumber = '+12025553000';
  const options = { ...toBridge(), address: '127.0.0.4', callerNumber };
  await using caller = await startSipp('uac-invite-expect-480', { ...options, status: 403 });
  await caller.exit;
  expect(await isCalledBy(callerNumber)).toBe(false);
  expect(await refusedFor('wrong_transport')).toMatchObject({ sipStatus: 403 });
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: buyerPort });
  await using again = await startSipp('uac-answered-hangs-up', { ...options, transport: 'tcp' });
  await Promise.all([again.exit, buyer.exit]);
  expect(await carrierOf(callerNumber)).toBe('tcp-only');
});
