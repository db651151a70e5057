import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SippOptions {
  /** Where SIPp listens; a free one unless told. */
  port?: number;
  /** Local address: a second carrier is `127.0.0.2`. 127.0.0.1 unless told. */
  address?: string;
  /** `host:port` of the service; every uac needs it. */
  remote?: string;
  /** The dialled number (`[service]` in a scenario). */
  dialedNumber?: string;
  /** Shown as caller (`caller` in a scenario). */
  callerNumber?: string;
  /** SIPp ends after so many calls, 1 unless told; `Infinity`: until stopped. */
  calls?: number;
  /** New calls per second, 10 unless told. */
  rate?: number;
  /** Values for the scenario's variables; its head comment lists them. A name it does not know is refused by SIPp. */
  set?: Record<string, string | number>;
  /** The final status in `…-480` scenarios. */
  status?: number;
  /** Digest login for `uac-challenged-…`. */
  login?: { user: string; password: string };
  transport?: 'udp' | 'tcp';
  /** Ends and fails a run that takes longer, 15 s unless told. */
  timeoutMs?: number;
  /** Keep every message for `messages()`; on unless told. Off for load. */
  trace?: boolean;
  /** More of SIPp's own options. */
  args?: readonly string[];
}

/** SIPp's files inside the run's temporary folder, which is its working directory. */
export const FILES = {
  scenario: 'scenario.xml',
  messages: 'messages.log',
  errors: 'errors.log',
  stats: 'stats.csv',
} as const;

const SCENARIOS = join(import.meta.dirname, '../../sip/scenarios');
const STATUS_IN_FILE = /\b480\b/g;

/** Copies the scenario into `folder`, with the wanted status: SIPp takes no variable where a status stands. */
export function writeScenario(folder: string, scenario: string, status: number | undefined): void {
  const text = readFileSync(join(SCENARIOS, `${scenario}.xml`), 'utf8');
  if (status !== undefined && !scenario.endsWith('-480')) {
    throw new Error(`${scenario} has no status to choose; the scenarios ending in -480 do`);
  }
  writeFileSync(join(folder, FILES.scenario), status === undefined ? text : text.replace(STATUS_IN_FILE, `${status}`));
}

/** The command line, without the program. `runId` makes Call-IDs unique over runs and machines. */
export function sippArguments(options: SippOptions, run: { port: number; timeoutMs: number; runId: string }): string[] {
  const { address = '127.0.0.1', remote, dialedNumber, callerNumber, calls = 1, rate = 10, login } = options;
  const variables = { ...(callerNumber === undefined ? {} : { caller: callerNumber }), ...options.set };
  return [
    ...(remote === undefined ? [] : [remote]),
    ...['-sf', FILES.scenario],
    ...['-i', address, '-bind_local', '-p', `${run.port}`, '-ci', '127.0.0.1'],
    ...['-t', options.transport === 'tcp' ? 't1' : 'u1'],
    ...['-r', `${rate}`, ...(Number.isFinite(calls) ? ['-m', `${calls}`] : [])],
    ...(dialedNumber === undefined ? [] : ['-s', dialedNumber]),
    ...(login === undefined ? [] : ['-au', login.user, '-ap', login.password]),
    // Its own choice has no user part, though RFC 3261 §22.4 wants the Request-URI.
    ...(login === undefined || remote === undefined ? [] : ['-auth_uri', `${dialedNumber ?? 'service'}@${remote}`]),
    ...Object.entries(variables).flatMap(([name, value]) => ['-set', name, `${value}`]),
    ...['-cid_str', `%u-%p-${run.runId}@%s`],
    ...['-nostdin', '-deadcall_wait', '0'],
    // Only for the case that we are killed before we can kill it.
    ...['-timeout', `${Math.ceil(run.timeoutMs / 1_000) + 5}s`],
    // A row a second, so that a killed run has its figures too.
    ...['-trace_stat', '-fd', '1', '-stf', FILES.stats],
    ...['-trace_err', '-error_file', FILES.errors],
    ...((options.trace ?? true) ? ['-trace_msg', '-message_file', FILES.messages] : []),
    ...(options.args ?? []),
  ];
}
