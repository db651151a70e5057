import { explain } from './cli/explain.ts';
import { readOptions } from './cli/read-options.ts';
import { textLog } from './cli/text-log.ts';
import { usage } from './cli/usage.ts';
import { UsageError } from './cli/usage-error.ts';
import { type EngineHandle, startEngine } from './index.ts';
import { formatHostPort } from './message/host-port.ts';
import type { Log } from './transaction/log.ts';

/** Runs the engine alone, for any drachtio-srf program to connect to. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const log = textLog(options.logLevel, (text) => process.stderr.write(text));
  const engine = await startEngine({ ...options.engine, ownsThread: true, log });
  onSignals(engine, log);
  // Whatever slips past the guards of messages, commands and timers: the calls that are up go on.
  process.on('uncaughtException', (err) => log('error', 'unexpected failure', { err }));
  for (const { protocol, address, port } of engine.listeningPoints) {
    console.log(`sip ${protocol}/${formatHostPort(address, port)}`);
  }
  console.log(`control ${engine.controlPort}`);
}

function onSignals(engine: EngineHandle, log: Log): void {
  const stop = (signal: NodeJS.Signals): void => {
    log('info', 'stopping', { signal, dialogs: engine.stats().dialogs });
    process.once(signal, () => process.exit(1)); // Asked twice.
    void engine.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.on('SIGUSR2', () => console.log(JSON.stringify(engine.stats())));
  process.on('SIGHUP', () => void engine.reloadCertificates());
}

main().catch((error: unknown) => {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${error.message}\n(--help tells more)` : explain(error));
  process.exitCode = isUsage ? 2 : 1;
});
