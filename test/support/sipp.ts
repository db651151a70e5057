import { randomBytes } from 'node:crypto';
import { freePort } from './free-port.ts';
import { isListening } from './listening.ts';
import { type SippOptions, sippArguments, writeScenario } from './sipp-command.ts';
import { SippFiles } from './sipp-files.ts';
import { runSipp, type SippExit } from './sipp-run.ts';
import { type TracedMessage, withoutRetransmissions } from './sipp-trace.ts';
import { waitFor } from './wait-for.ts';

export type { SippOptions } from './sipp-command.ts';
export type { SippExit } from './sipp-run.ts';

/** A running SIPp. `await using` stops it at the end of the block. */
export interface Sipp extends AsyncDisposable {
  readonly port: number;
  /** `address:port`, as in a SIP URI. */
  readonly hostPort: string;
  readonly pid: number;
  /** Its files live here until it ends. */
  readonly folder: string;
  /** Resolves when all calls went as the scenario says, rejects with what went wrong otherwise. */
  readonly exit: Promise<SippExit>;
  /** Messages received so far, each once: INVITEs unless told; `'BYE'` gives those requests, `200` those responses. */
  messages(kind?: string | number): TracedMessage[];
  /** Messages sent, likewise. */
  sent(kind?: string | number): TracedMessage[];
  /** Everything in order, retransmissions too. */
  trace(): TracedMessage[];
  /** A file that SIPp wrote because of `args`, '' when there is none; still readable after the end. */
  file(name: string): string;
  /** Ends it now and makes `exit` resolve: lets running calls finish shortly, then kills. */
  stop(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** Starts `sip/scenarios/<scenario>.xml`. A uas is listening when this resolves; a uac has been started. */
export async function startSipp(scenario: string, options: SippOptions = {}): Promise<Sipp> {
  const { address = '127.0.0.1', timeoutMs = DEFAULT_TIMEOUT_MS, transport = 'udp' } = options;
  const isCaller = scenario.startsWith('uac-');
  if (isCaller && options.remote === undefined) throw new Error(`${scenario} needs a remote to call`);
  const port = options.port ?? (await freePort(address));
  const args = sippArguments(options, { port, timeoutMs, runId: randomBytes(6).toString('hex') });
  const files = new SippFiles();
  try {
    writeScenario(files.folder, scenario, options.status);
  } catch (error) {
    files.remove();
    throw error;
  }
  const title = options.status === undefined ? scenario : `${scenario} (status ${options.status})`;
  const run = runSipp(title, args, files, timeoutMs);
  if (!isCaller) await Promise.race([listening(scenario, port, transport), run.exit]);

  return {
    ...run,
    port,
    folder: files.folder,
    hostPort: `${address}:${port}`,
    messages: (kind = 'INVITE') => select(files.trace(), 'received', kind),
    sent: (kind = 'INVITE') => select(files.trace(), 'sent', kind),
    trace: () => files.trace(),
    file: (name) => files.read(name).toString('utf8'),
    [Symbol.asyncDispose]: run.stop,
  };
}

async function listening(scenario: string, port: number, transport: 'udp' | 'tcp'): Promise<void> {
  const ready = () => isListening(port, transport);
  if (ready() === undefined) await new Promise((resolve) => setTimeout(resolve, 500));
  else await waitFor(`SIPp ${scenario} to listen on ${transport} port ${port}`, ready);
}

function select(trace: TracedMessage[], direction: 'received' | 'sent', kind: string | number): TracedMessage[] {
  return withoutRetransmissions(trace).filter((message) => {
    if (message.direction !== direction) return false;
    return typeof kind === 'number' ? message.status === kind : message.status === undefined && message.method === kind;
  });
}
