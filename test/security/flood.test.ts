import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';

const CALLS = 40;
const DATAGRAMS_PER_TICK = 20;
const TICK_MS = 10;

/** An INVITE of a stranger's, each one new. */
function invite(n: number, port: number): string {
  return [
    `INVITE sip:${NUMBER}@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKflood${n}`,
    `From: <sip:flood@127.0.0.9>;tag=f${n}`,
    `To: <sip:${NUMBER}@127.0.0.1>`,
    `Call-ID: flood-${n}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:flood@127.0.0.9>',
    'Max-Forwards: 70',
    'Content-Length: 0\r\n\r\n',
  ].join('\r\n');
}

async function floodSip(socket: Socket, port: number): Promise<() => number> {
  socket.bind(0, '127.0.0.9');
  await once(socket, 'listening');
  let sent = 0;
  const timer = setInterval(() => {
    for (let each = 0; each < DATAGRAMS_PER_TICK; each += 1) socket.send(invite(sent++, port), port, '127.0.0.1');
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    return sent;
  };
}

/** Guesses keys, without pause, over ten connections. */
function floodHttp(http: string): () => Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  let isOver = false;
  const guess = async () => {
    while (!isOver) {
      const response = await fetch(
        `${http}/calls/01890a5d-ac96-774b-bcce-b302099a8057/set_value?key=${'f'.repeat(40)}`,
      );
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      await response.arrayBuffer();
    }
  };
  const guessers = Array.from({ length: 10 }, guess);
  return async () => {
    isOver = true;
    await Promise.all(guessers);
    return statuses;
  };
}

it('strangers flood both ports: calls go through, guesses are refused, the log stays short', async () => {
  const buyerPort = await freePort();
  await using bridge = await startBridge(testAccount({ buyers: { A: [`sip:a@127.0.0.1:${buyerPort}`] } }));
  const port = Number(bridge.sip.split(':').at(-1));
  const socket = createSocket('udp4');
  const endSip = await floodSip(socket, port);
  const endHttp = floodHttp(bridge.http);
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', { port: buyerPort, calls: CALLS });
  await using carrier = await startSipp('uac-answered-hangs-up', {
    ...{ remote: bridge.sip, dialedNumber: NUMBER, calls: CALLS, rate: 10 },
  });
  const [callers, taken] = await Promise.all([carrier.exit, buyer.exit]);
  const [sent, statuses] = [endSip(), await endHttp()];
  socket.close();

  expect([callers.successful, callers.failed, taken.failed]).toEqual([CALLS, 0, 0]);
  expect(sent).toBeGreaterThan(3_000);
  expect(Object.keys(statuses).sort()).toEqual(['403', '429']);
  expect(statuses[429]).toBeGreaterThan(statuses[403] ?? 0);
  expect(bridge.log.filter(({ msg }) => /INVITEs? refused/.test(msg)).length).toBeLessThanOrEqual(3);
  expect(bridge.log.filter(({ msg }) => msg === 'postback refused').length).toBeLessThanOrEqual(statuses[403] ?? 0);
  expect(bridge.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  expect((await bridge.calls()).length).toBe(CALLS);
}, 60_000);
