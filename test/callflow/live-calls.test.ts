import { expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { lines, runCli } from '../support/run-cli.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

it('an operator sees the calls that are up and hangs one up: both sides get BYE', async () => {
  const port = await freePort();
  await using bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${port}`] } }));
  const live = async () =>
    (await (await fetch(`${bridge.http}/api/v1/live-calls`)).json()) as {
      count: number;
      calls: { call_uuid: string; answer_time: string | null }[];
    };
  expect(await live()).toEqual({ count: 0, calls: [] });

  await using buyer = await startSipp('uas-ring-answer-expect-bye', { port });
  await using caller = await startSipp('uac-answered-expect-bye', { remote: bridge.sip, dialedNumber: NUMBER });
  const up = await waitFor('the call to be up', async () =>
    (await live()).calls.find(({ answer_time }) => answer_time !== null),
  );
  const hangUp = (uuid: string) => fetch(`${bridge.http}/api/v1/live-calls/${uuid}/hang-up`, { method: 'POST' });
  const listed = await runCli('calls', ['live', '--url', bridge.http], {}, bridge.folder);
  expect(lines(listed.output).at(-2)).toMatch(new RegExp(`^${up.call_uuid} .* A is up open 0\\.00 0\\.00$`));
  const response = await hangUp(up.call_uuid);
  expect([response.status, await response.json()]).toMatchObject([
    200,
    {
      call_uuid: up.call_uuid,
      hung_up_by: 'system',
      outcome: 'completed',
      outcome_reason: 'operator',
      end_estimated: false,
    },
  ]);
  await Promise.all([caller.exit, buyer.exit]);
  expect(await live()).toEqual({ count: 0, calls: [] });
  const again = await hangUp(up.call_uuid);
  expect([again.status, await again.json()]).toMatchObject([404, { code: 'call_unknown' }]);
});
