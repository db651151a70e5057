import type { Logger } from './log.ts';
import type { Operations } from './operations.ts';
import type { Store } from './store/store.ts';

const WINDOWS_PER_SWEEP = 500;
/** Little at a time: calls and postbacks wait for the same thread. */
const CALLS_PER_PURGE = 50;
const MESSAGES_PER_PURGE = 200;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export interface JobDeps {
  readonly store: Store<Operations>;
  readonly nodeId: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly wakeDeliveries: () => void;
  /** Calls this node holds; undefined before it takes any. */
  readonly liveCalls: () => readonly string[] | undefined;
  /** How long ended calls are kept; undefined: for ever. */
  readonly retentionDays: number | undefined;
  /** How long SIP messages are kept; undefined: as they are, none is added. */
  readonly sipMessageDays?: number | undefined;
}

/** A named piece of work and when it is due, as node-cron has it. */
export interface DueJob {
  readonly name: string;
  readonly pattern: string;
  readonly work: () => Promise<void>;
}

/** Everything the service does by the clock. */
export function jobsOf(deps: JobDeps): DueJob[] {
  const { retentionDays, sipMessageDays } = deps;
  return [
    { name: 'heartbeat', pattern: '*/5 * * * * *', work: () => heartbeat(deps) },
    { name: 'expire-windows', pattern: '* * * * * *', work: () => expireWindows(deps) },
    { name: 'end-forgotten-calls', pattern: '30 * * * * *', work: () => endForgottenCalls(deps) },
    { name: 'release-forgotten-lines', pattern: '0 * * * * *', work: () => releaseForgottenLines(deps) },
    ...(retentionDays === undefined
      ? []
      : [{ name: 'purge-calls', pattern: '0 17 3 * * *', work: () => purgeCalls(deps, retentionDays) }]),
    ...(sipMessageDays === undefined
      ? []
      : [{ name: 'purge-sip-messages', pattern: '0 47 * * * *', work: () => purgeSipMessages(deps, sipMessageDays) }]),
  ];
}

export function heartbeat({ store, nodeId, now }: JobDeps): Promise<void> {
  return store.heartbeat({ nodeId, now: now() });
}

/** Decides every window that is over, in batches, oldest first. */
async function expireWindows({ store, now, wakeDeliveries }: JobDeps): Promise<void> {
  for (;;) {
    const { expired } = await store.expireWindows({ now: now(), limit: WINDOWS_PER_SWEEP });
    if (expired > 0) wakeDeliveries();
    if (expired < WINDOWS_PER_SWEEP) return;
  }
}

/** A call that a row says is running and nobody holds would be open for ever; younger than a minute it may just begin. */
async function endForgottenCalls({ store, nodeId, now, log, wakeDeliveries, liveCalls }: JobDeps): Promise<void> {
  const liveUuids = liveCalls();
  if (liveUuids === undefined) return;
  const at = now();
  const { ended } = await store.endForgottenCalls({ nodeId, liveUuids, now: at, startedBefore: at - MINUTE_MS });
  if (ended === 0) return;
  log.error({ calls: ended }, 'calls that nobody holds were still open: report this as a bug');
  wakeDeliveries();
}

/** A line that nobody gives back would keep its buyer from calls until the next start. */
async function releaseForgottenLines({ store, now, log }: JobDeps): Promise<void> {
  const { released } = await store.releaseForgottenLines({ now: now() });
  if (released > 0) log.error({ lines: released }, 'lines of ended calls were still held: report this as a bug');
}

/** Retention: ended, decided calls with all that belongs to them; a postback for one of them is answered 410. */
export async function purgeCalls({ store, now, log }: JobDeps, days: number): Promise<void> {
  let calls = 0;
  for (;;) {
    const at = now();
    const { purged } = await store.purgeCalls({ endedBefore: at - days * DAY_MS, limit: CALLS_PER_PURGE, now: at });
    calls += purged;
    if (purged < CALLS_PER_PURGE) break;
  }
  if (calls > 0) log.info({ calls, days }, 'calls past their retention are removed');
}

/** SIP messages past their time, every hour, a few at a time. */
export async function purgeSipMessages({ store, now }: JobDeps, days: number): Promise<void> {
  for (;;) {
    const { purged } = await store.purgeSipMessages({ before: now() - days * DAY_MS, limit: MESSAGES_PER_PURGE });
    if (purged < MESSAGES_PER_PURGE) return;
  }
}
