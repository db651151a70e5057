import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the kernel's ephemeral range, above the ports SIPp takes for itself (media 6000 up, control 8888 up). */
const FIRST = 20_000;
const LAST = 31_999;

const handedOut = new Set<number>();

/** A port free for UDP and TCP on `address`, never the same twice in one process. Random, so that parallel test files do not meet. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (handedOut.has(port)) continue;
    if ((await bindsTcp(port, address)) && (await bindsUdp(port, address))) {
      handedOut.add(port);
      return port;
    }
  }
  throw new Error(`no port between ${FIRST} and ${LAST} is free on ${address}`);
}

function bindsTcp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

function bindsUdp(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, address, () => socket.close(() => resolve(true)));
  });
}
