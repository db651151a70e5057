import { parseArgs } from 'node:util';
import { type EngineOptions, startEngine } from './index.ts';

const usage = `Usage: cli.ts --sip udp/127.0.0.1:5060 [--sip tcp/127.0.0.1:5060] --control 127.0.0.1:9022 --secret <secret>`;

/** Runs the engine alone, for any drachtio-srf program to connect to. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sip: { type: 'string', multiple: true },
      control: { type: 'string' },
      secret: { type: 'string' },
    },
  });
  const { sip, control, secret } = values;
  if (sip === undefined || control === undefined || secret === undefined) throw new Error(usage);
  const engine = await startEngine({
    listen: sip.map(readListen),
    control: readHostPort(control),
    secret,
    log: (level, message, fields) => console.error(level, message, fields),
  });
  for (const { protocol, address, port } of engine.listeningPoints) console.log(`sip ${protocol}/${address}:${port}`);
  console.log(`control ${engine.controlPort}`);
  process.once('SIGINT', () => engine.close());
  process.once('SIGTERM', () => engine.close());
}

function readListen(text: string): EngineOptions['listen'][number] {
  const [protocol, hostPort] = text.split('/');
  if ((protocol !== 'udp' && protocol !== 'tcp') || hostPort === undefined) throw new Error(usage);
  return { protocol, ...readHostPort(hostPort) };
}

function readHostPort(text: string): { address: string; port: number } {
  const colon = text.lastIndexOf(':');
  const port = Number(text.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(usage);
  return { address: text.slice(0, colon), port };
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
