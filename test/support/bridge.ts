import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type BridgeExit, type LogLine, spawnBridge } from './bridge-process.ts';

/** The real service in a process of its own, on free loopback ports, as `npm start` runs it. */
export interface Bridge extends AsyncDisposable {
  /** `host:port` for SIP over UDP and TCP. */
  readonly sip: string;
  readonly http: string;
  readonly folder: string;
  readonly pid: number;
  /** How it ended. */
  readonly exit: Promise<BridgeExit>;
  /** Everything it wrote to stdout and stderr so far. */
  output(): string;
  /** Log lines so far. */
  readonly log: readonly LogLine[];
  call(uuid: string): Promise<CallJson>;
  calls(): Promise<CallJson[]>;
  postback(uuid: string, method: 'set_value' | 'add_tags', query: Record<string, string>): Promise<PostbackReply>;
  /** SIGKILL, as a power cut; the data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts again on the same data. */
  restart(): Promise<Bridge>;
  stop(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: the API's JSON, asserted on field by field
export type CallJson = Record<string, any>;

export interface PostbackReply {
  readonly status: number;
  readonly body: CallJson;
}

/** Starts the service with this account (the account file as an object) and these settings beside free ports. */
export async function startBridge(account: object, settings: Record<string, string> = {}): Promise<Bridge> {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-test-'));
  writeFileSync(join(folder, 'account.yaml'), stringify(account));
  return launch(folder, settings);
}

async function launch(folder: string, settings: Record<string, string>): Promise<Bridge> {
  const service = spawnBridge({ folder, settings });
  const { sip, http } = await service.ready;
  const getJson = async (path: string) => (await fetch(`${http}${path}`)).json() as Promise<CallJson>;
  const stop = async () => {
    await service.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    sip,
    http,
    folder,
    pid: service.pid,
    exit: service.exit,
    output: service.output,
    log: service.log,
    call: (uuid) => getJson(`/api/v1/calls/${uuid}`),
    calls: async () => (await getJson('/api/v1/calls'))['calls'],
    postback: async (uuid, method, query) => {
      const response = await fetch(`${http}/calls/${uuid}/${method}?${new URLSearchParams(query)}`);
      return { status: response.status, body: (await response.json()) as CallJson };
    },
    kill: async () => void (await service.end('SIGKILL')),
    restart: () => launch(folder, settings),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
