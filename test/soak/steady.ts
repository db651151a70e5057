import { readFileSync } from 'node:fs';
import { audit } from '../../src/audit/audit.ts';
import { openForAudit } from '../../src/audit/open-for-audit.ts';
import { CallKeys } from '../../src/domain/call-key.ts';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, type CallJson, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { type Finding, finding, type Progress, sleep } from './finding.ts';
import { legsLeft, readRows } from './what-is-left.ts';

export interface SteadyOptions {
  readonly seconds: number;
  readonly callsPerSecond: number;
  readonly progress: Progress;
}

const TALK_MS = 1_000;
const TAIL_MS = 60_000;
/** The last quarter's memory over the second quarter's: the first one fills caches of fixed size. */
const MOST_GROWTH = 1.1;
const LOOKS = 40;
/** Calls looked at for a sale: those of two seconds. */
const NEWEST = 200;
const SIPP_ARGS = ['-buff_size', '4194304', '-l', '15000'];

/** An ordinary day: calls at one rate through the whole service, a sale posted back for every fourth. */
export async function runSteady({ seconds, callsPerSecond, progress }: SteadyOptions): Promise<Finding[]> {
  const calls = Math.round(seconds * callsPerSecond);
  const buyerPort = await freePort();
  const account = testAccount({ buyers: { A: [`sip:buyer@127.0.0.1:${buyerPort}`] } });
  await using bridge = await startBridge(account, { POSTBACKS_PER_SECOND: '1000', DRAIN_SECONDS: '0' });
  const load = { trace: false, timeoutMs: seconds * 1_000 + TAIL_MS, args: SIPP_ARGS };
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', { ...load, port: buyerPort, calls });
  await using carrier = await startSipp('uac-answered-hangs-up', {
    ...{ ...load, remote: bridge.sip, dialedNumber: NUMBER, calls, rate: callsPerSecond, set: { talk_ms: TALK_MS } },
  });
  const ends = Promise.allSettled([carrier.exit, buyer.exit]);
  const poster = new SalePoster(bridge, Math.ceil(callsPerSecond / 4));
  const memory = await watch(bridge, { seconds, poster, progress });
  const clean = (await ends).every((end) => end.status === 'fulfilled' && end.value.failed === 0);
  const left = await legsLeft(bridge);
  const rows = readRows(bridge);
  const growth = mean(memory.slice(-LOOKS / 4)) / mean(memory.slice(LOOKS / 4, LOOKS / 2));
  const money = audited(bridge);
  const complaints = bridge.log.filter(({ level }) => level === 'error');
  return [
    finding(`${calls} calls at ${callsPerSecond} a second, each as it should`, clean, clean ? 'all' : 'NOT all'),
    finding('memory stays as it is', growth <= MOST_GROWTH, `× ${growth.toFixed(2)}, ${memory.at(-1)} MB at the end`),
    finding('no dialog and no transaction is left', left === '', left === '' ? 'none' : left),
    finding(
      'each call has one row, none is open, no line is held',
      rows.total === calls && rows.open === 0 && rows.twice === 0 && rows.holds === 0,
      `${rows.total} rows, ${rows.open} open, ${rows.twice} doubles, ${rows.holds} lines held`,
    ),
    finding('every sale is taken', poster.refused === 0 && poster.taken > 0, `${poster.taken}, ${poster.refused} not`),
    finding('the ledger adds up, with every sale in it', money.sound && money.converted === poster.sold, money.text),
    finding('the service logs no error', complaints.length === 0, complaints[0]?.msg ?? 'none'),
  ];
}

/** Resident megabytes, as often as LOOKS says. */
async function watch(
  bridge: Bridge,
  { seconds, poster, progress }: { readonly seconds: number; readonly poster: SalePoster; readonly progress: Progress },
): Promise<number[]> {
  const memory: number[] = [];
  const begun = performance.now();
  while (memory.length < LOOKS) {
    await poster.post();
    const done = (performance.now() - begun) / 1_000 / seconds;
    if (done * LOOKS >= memory.length + 1) {
      memory.push(residentMb(bridge.pid));
      if (memory.length % (LOOKS / 10) === 0) {
        progress(`${Math.round(100 * done)} %: ${memory.at(-1)} MB, ${poster.taken} sales`);
      }
    }
    await sleep(Math.min(1_000, (seconds * 1_000) / LOOKS / 2));
  }
  return memory;
}

/** Posts a sale for some of the newest calls that are over. */
class SalePoster {
  readonly #bridge: Bridge;
  readonly #most: number;
  readonly #keys: CallKeys;
  readonly #sold = new Set<string>();
  taken = 0;
  refused = 0;

  constructor(bridge: Bridge, most: number) {
    this.#bridge = bridge;
    this.#most = most;
    const secret = readFileSync(`${bridge.folder}/data/call-key.secret`, 'utf8').trim();
    this.#keys = new CallKeys([{ version: 1, secret }]);
  }

  /** Calls with a sale. */
  get sold(): number {
    return this.#sold.size;
  }

  async post(): Promise<void> {
    const response = await fetch(`${this.#bridge.http}/api/v1/calls?limit=${NEWEST}`);
    const { calls } = (await response.json()) as { calls: CallJson[] };
    const over = calls.filter((call) => call['end_time'] !== null && call['answer_time'] !== null);
    const fresh = over.map((call) => call['call_uuid'] as string).filter((uuid) => !this.#sold.has(uuid));
    await Promise.all(fresh.slice(0, this.#most).map((uuid) => this.#sell(uuid)));
  }

  async #sell(uuid: string): Promise<void> {
    const { status } = await this.#bridge.postback(uuid, 'set_value', { key: this.#keys.derive(uuid), revenue: '10' });
    this.#sold.add(uuid);
    if (status === 200) this.taken += 1;
    else this.refused += 1;
  }
}

function audited({ folder }: Bridge): { sound: boolean; converted: number; text: string } {
  const database = openForAudit(`${folder}/data/bridge.sqlite`);
  try {
    const { findings, findingCount, calls, ledgerRows } = audit(database);
    const text = `${calls.converted} converted, ${ledgerRows} rows, ${findingCount} faults ${findings[0]?.what ?? ''}`;
    return { sound: findingCount === 0, converted: calls.converted, text: text.trim() };
  } finally {
    database.close();
  }
}

function residentMb(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
