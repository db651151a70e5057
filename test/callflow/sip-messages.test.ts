import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

interface Shown {
  readonly leg: 'a' | 'b';
  readonly direction: 'received' | 'sent';
  readonly message: string;
}

const first = ({ leg, direction, message }: Shown) =>
  `${leg} ${direction} ${message.startsWith('SIP/') ? message.split(' ')[1] : message.split(' ')[0]}`;

async function messagesOf(bridge: Bridge, uuid: string): Promise<Shown[]> {
  const response = await fetch(`${bridge.http}/api/v1/calls/${uuid}/sip-messages`);
  return ((await response.json()) as { messages: Shown[] }).messages;
}

async function makeCall(bridge: Bridge, port: number): Promise<string> {
  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-hangs-up', { remote: bridge.sip, dialedNumber: NUMBER });
  await Promise.all([caller.exit, buyer.exit]);
  return buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '';
}

it('the SIP messages of a call are kept if asked for: both legs, in order, keys masked', async () => {
  const port = await freePort();
  const account = testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } });
  await using bridge = await startBridge(account, { SIP_MESSAGES_DAYS: '7' });
  // Of a stranger's number: refused, never a call.
  await using stranger = await startSipp('uac-invite-expect-480', {
    ...{ remote: bridge.sip, dialedNumber: '+18005550999', status: 404 },
  });
  await stranger.exit;
  const uuid = await makeCall(bridge, port);
  const messages = await waitFor('all messages', async () => {
    const found = await messagesOf(bridge, uuid);
    return found.length >= 13 ? found : undefined;
  });
  const ladder = messages.map(first);
  const inOrder = (wanted: readonly string[]) => {
    const places = wanted.map((each) => ladder.indexOf(each));
    expect(places, ladder.join('\n')).toEqual([...places].sort((one, other) => one - other));
    expect(places, ladder.join('\n')).not.toContain(-1);
  };
  inOrder(['a received INVITE', 'b sent INVITE', 'b received 180', 'a sent 180']);
  inOrder(['b received 200', 'a sent 200', 'a received ACK', 'a received BYE', 'b sent BYE']);
  const invite = messages.find((each) => first(each) === 'b sent INVITE')?.message ?? '';
  expect(invite).toContain(`X-PH-RetreaverUUID: ${uuid}\r\n`);
  expect(invite).toContain('X-PH-RetreaverKey: ***\r\n');

  const shown = lines((await runCli('calls', ['sip', uuid, '--url', bridge.http], {}, bridge.folder)).output);
  expect(shown[0]).toMatch(/ carrier ──▶ INVITE sip:\+18005550100@.* udp\/127\.0\.0\.1:/);
  expect(shown.some((line) => / buyer ──▶ INVITE sip:a@/.test(line))).toBe(true);
  const full = (await runCli('calls', ['sip', uuid, '--full', '--url', bridge.http], {}, bridge.folder)).output;
  expect(full).toContain('    X-PH-RetreaverKey: ***');

  const database = new Database(`${bridge.folder}/data/bridge.sqlite`, { readonly: true });
  const rows = database.prepare('select count(*) as n, count(distinct call_uuid) as calls from sip_messages').get();
  database.close();
  expect(rows).toEqual({ n: messages.length, calls: 1 });
});

it('none is kept unless asked for', async () => {
  const port = await freePort();
  await using bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } }));
  const uuid = await makeCall(bridge, port);
  expect(await messagesOf(bridge, uuid)).toEqual([]);
  const shown = await runCli('calls', ['sip', uuid, '--url', bridge.http], {}, bridge.folder);
  expect(shown.output).toBe('No SIP message of this call is kept: SIP_MESSAGES_DAYS was not set, or is over.\n');
});
