import type { lookup } from 'node:dns';
import { type AddressInfo, createServer, isIP, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpSender } from '../../src/webhooks/http-sender.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';
import { IPV4_REFUSED, IPV6_REFUSED, URLS_REFUSED } from './refused-addresses.ts';

/** Takes every connection to any address of this machine, so that one that gets through is seen. */
let sink: Server;
let connections = 0;
let port: number;

beforeAll(async () => {
  sink = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => sink.listen(0, '::', resolve));
  port = (sink.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => sink.close(resolve)));

/** Each address as http and https, at the sink's port; URLs keep their spelling and get the port where they have none. */
function targets(): URL[] {
  const hosts = [...IPV4_REFUSED, ...IPV6_REFUSED.map((address) => `[${address}]`)];
  const urls = [...hosts.flatMap((host) => [`http://${host}/`, `https://${host}/`]), ...URLS_REFUSED].map(
    (text) => new URL(text),
  );
  for (const url of urls) if (url.protocol.startsWith('http')) url.port = `${port}`;
  return urls;
}

const request = (url: URL) => ({ method: 'GET', url, headers: {}, body: undefined, secretText: undefined }) as const;

describe('a listener on every local address (semantics §8, acceptance 21)', () => {
  it('hears nothing of any webhook, however its address is spelt', async () => {
    const sender = new HttpSender({ allowedNetworks: [] });
    const results = await Promise.all(targets().map((url) => sender.send(request(url))));
    sender.close();
    expect(results.length).toBeGreaterThanOrEqual(300);
    for (const result of results) {
      expect(result).toMatchObject({ hopeless: true, error: expect.stringMatching(/^address_refused/) });
    }
    expect(connections).toBe(0);
  });

  it('nor of a name that its resolver leads to any of them, at once or behind a public address', async () => {
    const found: { address: string; family: number }[] = [];
    const resolve = ((_name: string, _options: unknown, done: (...results: unknown[]) => void) =>
      process.nextTick(done, null, [...found])) as unknown as typeof lookup;
    const sender = new HttpSender({ allowedNetworks: [], resolve });
    for (const address of [...IPV4_REFUSED, ...IPV6_REFUSED]) {
      for (const before of [[], [{ address: '93.184.216.34', family: 4 }]]) {
        found.splice(0, found.length, ...before, { address, family: isIP(address) });
        const result = await sender.send(request(new URL(`https://rebind.example:${port}/`)));
        expect(result).toMatchObject({ hopeless: true, error: expect.stringMatching(/^address_refused/) });
      }
    }
    sender.close();
    expect(connections).toBe(0);
  });

  it('nor of one that an allowed endpoint redirects there, whatever the status', async () => {
    const elsewhere = [
      `http://127.0.0.2:${port}/`,
      `http://[::1]:${port}/`,
      `//2130706434:${port}/`,
      'http://169.254.169.254/',
    ];
    const receiver = await WebhookReceiver.start();
    const sender = new HttpSender({ allowedNetworks: ['127.0.0.1/32'] });
    for (const status of [301, 302, 303, 307, 308]) {
      for (const location of elsewhere) {
        receiver.script({ status, headers: { location } });
        expect(await sender.send(request(new URL(receiver.url)))).toMatchObject({ httpStatus: status });
      }
    }
    sender.close();
    await receiver.stop();
    expect(connections).toBe(0);
  });

  it('hears those to a network that is allowed: it does listen', async () => {
    const sender = new HttpSender({ allowedNetworks: ['127.0.0.1/32'] });
    await sender.send(request(new URL(`http://127.0.0.1:${port}/`)));
    sender.close();
    expect(connections).toBe(1);
  });
});
