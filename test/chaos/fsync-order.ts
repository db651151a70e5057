import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Call, Phone } from '../engine/support/phone.ts';
import { NUMBER, testAccount } from '../support/account.ts';
import { spawnBridge } from '../support/bridge-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { type CommitOrder, commitOrders, straceArguments } from './system-calls.ts';

const PARALLEL = 8;

/** Postbacks to the real service under `strace`: for each, when its page was written, synced, and its 200 sent. */
export async function traceCommits(postbacks: number): Promise<CommitOrder[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fsync-'));
  const traceFile = join(folder, 'trace');
  const [buyer, carrier] = [await Phone.open('buyer'), await Phone.open('carrier')];
  writeFileSync(join(folder, 'account.yaml'), stringify(testAccount({ buyers: { A: [buyer.uri] } })));
  const service = spawnBridge({ folder, settings: {}, under: straceArguments(traceFile) });
  try {
    const { sip, http } = await service.ready;
    const { uuid, key } = await sellCall(carrier, buyer, Number(sip.split(':').at(-1)));
    const marks = Array.from({ length: postbacks }, (_, index) => {
      const revenue = (100 + index).toFixed(2);
      return { ref: `mark-${index}-end`, answer: `"revenue":"${revenue}"`, revenue };
    });
    for (let from = 0; from < postbacks; from += PARALLEL) {
      const batch = marks.slice(from, from + PARALLEL);
      await Promise.all(batch.map(({ ref, revenue }) => post(`${http}/calls/${uuid}`, { key, ref, revenue })));
    }
    await service.end('SIGTERM');
    const trace = await waitFor('the trace to be complete', () => {
      const text = readFileSync(traceFile, 'utf8');
      return text.trimEnd().endsWith('+++ exited with 0 +++') ? text : undefined;
    });
    return commitOrders(trace, marks);
  } finally {
    await service.end('SIGKILL');
    for (const phone of [buyer, carrier]) phone.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A whole call; what the buyer was told of it. */
async function sellCall(carrier: Phone, buyer: Phone, port: number): Promise<{ uuid: string; key: string }> {
  const call = carrier.newCall(port);
  call.from = `<sip:+12025550100@127.0.0.1:${carrier.port}>;tag=caller`;
  call.to = `<sip:${NUMBER}@127.0.0.1:${port}>`;
  call.target = `sip:${NUMBER}@127.0.0.1:${port}`;
  call.sendInvite();
  const invite = await buyer.receive('INVITE');
  const leg = Call.answered(buyer, invite, buyer.reply(invite, 200, 'OK', { body: buyer.sdp }));
  call.ack(await carrier.receive(200));
  await buyer.receive('ACK');
  leg.request('BYE');
  carrier.reply(await carrier.receive('BYE'), 200, 'OK');
  await buyer.receive(200);
  const header = (name: string) => invite.headers.get(name) ?? '';
  return { uuid: header('X-PH-RetreaverUUID'), key: header('X-PH-RetreaverKey') };
}

async function post(url: string, query: Record<string, string>): Promise<void> {
  const response = await fetch(`${url}/set_value?${new URLSearchParams(query)}`, { method: 'POST' });
  if (response.status !== 200) throw new Error(`${response.status} to a postback: ${await response.text()}`);
}
