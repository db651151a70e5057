import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from './free-port.ts';
import { isListening } from './listening.ts';

it('gives a port that binds for UDP and TCP at once, outside the ephemeral range, and no port twice', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
  expect(new Set(ports).size).toBe(20);
  const [port = 0] = ports;
  expect(port).toBeLessThan(32_768);

  expect([isListening(port, 'udp'), isListening(port, 'tcp')]).toEqual([false, false]);
  const udp = createSocket('udp4').bind(port, '127.0.0.1');
  const tcp = createServer().listen(port, '127.0.0.1');
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
  expect([isListening(port, 'udp'), isListening(port, 'tcp')]).toEqual([true, true]);
  udp.close();
  tcp.close();
});
