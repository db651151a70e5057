import type { lookup } from 'node:dns';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpSender, type HttpSenderOptions } from '../../src/webhooks/http-sender.ts';
import type { OutgoingRequest } from '../../src/webhooks/prepare-request.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

let receiver: WebhookReceiver;
const senders: HttpSender[] = [];

beforeEach(async () => {
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  await receiver.stop();
});

function sender(options: Partial<HttpSenderOptions> = {}): HttpSender {
  const made = new HttpSender({ allowedNetworks: ['127.0.0.0/8'], ...options });
  senders.push(made);
  return made;
}

function request(changes: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return {
    method: 'POST',
    url: new URL(`${receiver.url}/hook`),
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
    secretText: undefined,
    ...changes,
  };
}

describe('what is sent (semantics §8)', () => {
  test.each(['GET', 'HEAD'] as const)('%s carries no body', async (method) => {
    const result = await sender().send(request({ method, body: undefined, headers: {} }));
    expect(result).toMatchObject({ httpStatus: 200 });
    expect(receiver.received).toMatchObject([{ method, target: '/hook', body: '' }]);
  });

  test.each(['POST', 'PUT'] as const)('%s carries body and content type', async (method) => {
    await sender().send(request({ method }));
    expect(receiver.received).toMatchObject([{ method, body: '{"a":1}' }]);
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json');
  });

  test('connections are kept alive', async () => {
    const one = sender();
    await one.send(request());
    await one.send(request());
    expect(new Set(receiver.received.map(({ remotePort }) => remotePort)).size).toBe(1);
  });
});

describe('what comes back', () => {
  test.each([200, 204, 299, 400, 404, 410, 429, 500, 503])('status %i is a result', async (status) => {
    receiver.script({ status, headers: { 'retry-after': '7' } });
    expect(await sender().send(request())).toMatchObject({ httpStatus: status, retryAfter: '7' });
    expect(receiver.received).toHaveLength(1);
  });

  test('a redirect is not followed', async () => {
    receiver.script({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data/' } });
    expect(await sender().send(request())).toMatchObject({ httpStatus: 302 });
    expect(receiver.received).toHaveLength(1);
  });

  test('the first kilobyte of the answer is kept, without NUL', async () => {
    receiver.script({ status: 200, body: `a\0b${'x'.repeat(5000)}` });
    const { answer } = await sender().send(request());
    expect(answer).toHaveLength(1024);
    expect(answer).toMatch(/^a\uFFFDb/);
  });

  test('no more than 64 KiB of an answer is read', async () => {
    receiver.script({ status: 200, body: Buffer.alloc(8 << 20, 'y') });
    expect(await sender().send(request())).toMatchObject({ httpStatus: 200 });
  });
});

describe('failures of the network are results', () => {
  test('connection refused', async () => {
    const lost = request();
    await receiver.stop();
    expect((await sender().send(lost)).error).toMatch(/ECONNREFUSED/);
    receiver = await WebhookReceiver.start();
  });

  test('connection reset', async () => {
    receiver.script('reset');
    const result = await sender().send(request());
    expect(result.error).toMatch(/ECONNRESET|socket hang up/);
    expect(result.httpStatus).toBeUndefined();
  });

  test('no answer in time', async () => {
    receiver.script('hang');
    const result = await sender({ totalTimeoutMs: 150 }).send(request());
    expect(result.error).toMatch(/^timeout/);
    expect(result.elapsedMs).toBeLessThan(2_000);
  });

  test('an answer that never ends', async () => {
    receiver.script('trickle');
    const result = await sender({ totalTimeoutMs: 200 }).send(request());
    expect(result.error).toMatch(/^timeout/);
    expect(result.elapsedMs).toBeLessThan(2_000);
  });

  test('a name without an address', async () => {
    const result = await sender().send(request({ url: new URL('https://nowhere.invalid/') }));
    expect(result.error).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(result.hopeless).toBeUndefined();
  });
});

describe('the guard at the socket (semantics §8, acceptance 21)', () => {
  /** Answers like the system's look-up, another address each time. */
  function names(...addresses: string[]): typeof lookup {
    let calls = 0;
    const resolve = (_name: string, _options: unknown, callback: (...results: unknown[]) => void) => {
      const address = addresses[Math.min(calls++, addresses.length - 1)] ?? '';
      process.nextTick(callback, null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    };
    return resolve as unknown as typeof lookup;
  }

  test('a name that resolves to a private address is refused, without a connection', async () => {
    const result = await sender({ allowedNetworks: [], resolve: names('127.0.0.1') }).send(
      request({ url: new URL(`https://rebind.example:${receiver.port}/`) }),
    );
    expect(result).toMatchObject({ hopeless: true, error: expect.stringMatching(/^address_refused/) });
    expect(receiver.received).toHaveLength(0);
  });

  test('a name that resolves to a private address only at the second look-up is refused then', async () => {
    const one = sender({ allowedNetworks: ['127.0.0.1/32'], resolve: names('127.0.0.1', '127.0.0.2') });
    const url = new URL(`http://rebind.example:${receiver.port}/`);
    expect(await one.send(request({ url, headers: { connection: 'close' } }))).toMatchObject({ httpStatus: 200 });
    expect(await one.send(request({ url }))).toMatchObject({ hopeless: true });
    expect(receiver.received).toHaveLength(1);
  });

  test('plain http to a public address is refused, to an allowed network it is not', async () => {
    const url = new URL('http://public.example/');
    expect(await sender({ resolve: names('93.184.216.34') }).send(request({ url }))).toMatchObject({
      hopeless: true,
      error: expect.stringContaining('only https'),
    });
    expect(await sender().send(request())).toMatchObject({ httpStatus: 200 });
  });
});
