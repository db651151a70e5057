import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Webhook } from '../../src/domain/account.ts';
import { createLog } from '../../src/log.ts';
import { DeliveryWorker } from '../../src/webhooks/delivery-worker.ts';
import { HttpSender } from '../../src/webhooks/http-sender.ts';
import { TestAuthority } from '../engine/support/test-authority.ts';
import { endedCall } from '../support/acceptance-calls.ts';
import { type MoneyService, startMoneyService } from '../support/money-service.ts';
import { waitFor } from '../support/wait-for.ts';

const TOTAL_MS = 400;
const LATE = `timeout: no complete answer within ${TOTAL_MS} ms`;

let service: MoneyService;
let worker: DeliveryWorker;
let sender: HttpSender;
let endpoint: Server | undefined;
const sockets = new Set<Socket>();

beforeAll(async () => {
  service = await startMoneyService();
  sender = new HttpSender({ allowedNetworks: ['127.0.0.1/32'], totalTimeoutMs: TOTAL_MS });
  worker = new DeliveryWorker({
    ...{ store: service.store, sender, log: createLog('silent'), random: () => 0.5, owner: 'worker' },
    secrets: { callKeys: service.keys, signingSecret: 'a secret of the tests' },
    clock: { now: () => service.clock.at },
  });
  worker.start();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (endpoint === undefined ? resolve(undefined) : endpoint.close(resolve)));
  endpoint = undefined;
});
afterAll(async () => {
  await worker.stop();
  sender.close();
  await service[Symbol.asyncDispose]();
});

/** Answers each request by hand, on the bare connection. */
async function startEndpoint(answer: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => answer(socket));
  });
  endpoint = server;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Sells a call to a webhook like this; its delivery once the first try is written down. */
async function tryOf(changes: Partial<Webhook>) {
  const base = { id: 'crm', trigger: 'converted', method: 'POST', headers: {}, body: undefined, matches: [] } as const;
  await service.configure({ webhooks: [{ ...base, url: 'https://127.0.0.1/', trusted: true, ...changes }] });
  const call = await endedCall(service.store, { buyer: 'A' });
  await service.postback(call.uuid, 'revenue=10.00');
  worker.wake();
  return waitFor('a try', async () => {
    const { deliveries } = (await service.send(`/api/v1/calls/${call.uuid}`)).body;
    return deliveries[0]?.tries.length > 0 ? deliveries[0] : undefined;
  });
}

const every = (ms: number, socket: Socket, text: () => string | Buffer) => {
  const timer = setInterval(() => socket.writable && socket.write(text()), ms);
  socket.once('close', () => clearInterval(timer));
};
const MEGABYTE = Buffer.alloc(1 << 20, 'x');

/** Writes as fast as it is taken, for as long as it is. */
function pour(socket: Socket): void {
  while (socket.writable && socket.write(MEGABYTE));
  if (socket.writable) socket.once('drain', () => pour(socket));
}

describe('an endpoint that behaves badly ends in a stored try with a reason (semantics §8)', () => {
  it.each<[string, (socket: Socket) => void, string | RegExp, string]>([
    ['hangs', () => undefined, LATE, 'due'],
    ['drips headers', (s) => every(20, s, () => 'H'), /^timeout|^HPE_\w+: what it answers is not HTTP/, 'due'],
    [
      'drips its answer',
      (s) => {
        s.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
        every(20, s, () => '.');
      },
      LATE,
      'due',
    ],
    ['resets the connection', (s) => s.resetAndDestroy(), 'ECONNRESET: the endpoint broke the connection off', 'due'],
    ['closes it without a word', (s) => s.end(), /broke the connection off|closed/, 'due'],
    ['speaks no HTTP', (s) => s.end('220 mail.example ESMTP\r\n'), /^HPE_\w+: what it answers is not HTTP/, 'due'],
    [
      'sends headers without end',
      (s) => every(1, s, () => `X-${'a'.repeat(50)}: ${'b'.repeat(4_000)}\r\n`),
      /^timeout|^HPE_\w+: what it answers is not HTTP/,
      'due',
    ],
    ['answers 1xx without end', (s) => every(2, s, () => 'HTTP/1.1 103 Early Hints\r\n\r\n'), LATE, 'due'],
    [
      'cuts its answer short',
      (s) => s.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf'),
      'its answer was cut short (Content-Length mismatch: expected 50 bytes, received 4 bytes)',
      'due',
    ],
  ])('that %s', async (_, answer, reason, state) => {
    const port = await startEndpoint(answer);
    const delivery = await tryOf({ url: `http://127.0.0.1:${port}/` });
    if (typeof reason === 'string') expect(delivery.tries[0].error).toContain(reason);
    else expect(delivery.tries[0].error).toMatch(reason);
    expect(delivery.tries[0].elapsed_seconds).toBeLessThan(TOTAL_MS / 1000 + 1);
    expect(delivery.state).toBe(state);
  });

  it('that sends ten gigabytes is cut off after 64 KiB, and its status counts', async () => {
    let written = 0;
    const port = await startEndpoint((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${10 * 2 ** 30}\r\n\r\n`);
      socket.once('close', () => {
        written = socket.bytesWritten;
      });
      pour(socket);
    });
    const delivery = await tryOf({ url: `http://127.0.0.1:${port}/` });
    expect(delivery).toMatchObject({ state: 'delivered', tries: [{ http_status: 200, error: null }] });
    expect(delivery.tries[0].answer).toHaveLength(1024);
    await waitFor('the connection to be closed', () => written > 0 || undefined);
    expect(written).toBeLessThan(100 * 2 ** 20);
  });

  it('that sends one redirect after the other is asked once', async () => {
    let requests = 0;
    const port = await startEndpoint((socket) => {
      requests += 1;
      socket.end('HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n');
    });
    const delivery = await tryOf({ url: `http://127.0.0.1:${port}/` });
    expect(delivery).toMatchObject({ state: 'dead', tries: [{ http_status: 302 }] });
    expect(requests).toBe(1);
  });

  it('that speaks no TLS', async () => {
    const port = await startEndpoint((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    const { tries } = await tryOf({ url: `https://127.0.0.1:${port}/` });
    expect(tries[0]).toMatchObject({ http_status: null, error: expect.stringContaining('does not speak TLS') });
  });

  it.each([
    ['that nobody vouches for', '127.0.0.1', 'its certificate is not to be trusted'],
    ['for another name', 'other.example', 'its certificate is'],
  ])('that shows a certificate %s', async (_, name, reason) => {
    const tls = createTlsServer(new TestAuthority().issue([name]), (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    const { tries } = await tryOf({ url: `https://127.0.0.1:${(tls.address() as AddressInfo).port}/` });
    await new Promise((resolve) => tls.close(resolve));
    expect(tries[0]).toMatchObject({ http_status: null, error: expect.stringContaining(reason) });
  });

  it('whose URL is none once the tokens are filled in', async () => {
    const delivery = await tryOf({ url: 'https://127.0.0.1:99999/' });
    expect(delivery).toMatchObject({
      state: 'dead',
      tries: [{ error: expect.stringMatching(/^not_sent: Invalid URL/) }],
    });
  });

  it('whose body is no JSON once the tokens are filled in; the reason does not quote it', async () => {
    const delivery = await tryOf({ body: '{ "key": "[call_key]", "amount": [nothing_of_that_name] }' });
    expect(delivery).toMatchObject({
      state: 'dead',
      tries: [{ error: expect.stringMatching(/^not_sent: the body template is no JSON/) }],
    });
    expect(JSON.stringify(delivery)).not.toMatch(/[0-9a-f]{40}/);
  });
});
