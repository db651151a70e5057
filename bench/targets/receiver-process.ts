import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Endpoints of webhooks on ports of their own: the first ones answer 204 at once, the last one never. */
const [, , healthy = '1'] = process.argv;

async function listen(answers: boolean): Promise<number> {
  const server = createServer((req, res) => {
    req.resume();
    if (answers) res.writeHead(204).end();
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const ports = [];
for (let n = 0; n < Number(healthy); n += 1) ports.push(await listen(true));
process.send?.({ ports, hangingPort: await listen(false) });
process.once('disconnect', () => process.exit());
