import { defaultTimers, giveUpMs } from '../../sip/engine/transaction/timer-settings.ts';
import { NUMBER, testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { LossyNetwork, type Weather } from '../support/lossy-network.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type Finding, finding, type Progress } from './finding.ts';
import { describe, isBad, summary } from './lossy.ts';
import { LossyCaller } from './lossy-caller.ts';
import { answerCalls, openStation } from './station.ts';
import { legsLeft, readRows } from './what-is-left.ts';

export interface ProductOptions {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly seed: number;
  readonly progress: Progress;
}

/** Both ways. */
const WEATHER: Weather = { lost: 0.05, duplicated: 0.05, delayed: 0.1, delayMs: 100 };
const MOST_FAILED = 0.001;
/** On addresses of their own, so that nobody reaches anybody past the bad network. */
const addresses = { callee: '127.0.0.2', caller: '127.0.0.3' };
const networks = { beforeService: '127.0.0.21', beforeCallee: '127.0.0.22' };

/** The whole service, with its own timers, between a carrier and a buyer whom it hears over a bad network only. */
export async function runProduct({ calls, callsPerSecond, seed, progress }: ProductOptions): Promise<Finding[]> {
  const random = seededRandom(seed);
  await using callee = await openStation(addresses.callee, defaultTimers);
  await using caller = await openStation(addresses.caller, defaultTimers);
  const calleeAt = { address: addresses.callee, port: callee.port };
  await using toCallee = await LossyNetwork.open(networks.beforeCallee, calleeAt, WEATHER, random);
  const buyer = `sip:callee@${toCallee.address}:${toCallee.port}`;
  const account = testAccount({ buyers: { A: [buyer] }, ringTimeoutSeconds: 60 });
  Object.assign(account.carriers[0]!, { addresses: [networks.beforeService] });
  Object.assign(account.campaigns[0]!, { conversion_groups: [] });
  await using bridge = await startBridge(account, { DRAIN_SECONDS: '0' });
  const serviceAt = { address: '127.0.0.1', port: Number(bridge.sip.split(':').at(-1)) };
  await using toService = await LossyNetwork.open(networks.beforeService, serviceAt, WEATHER, random);
  answerCalls(callee.srf, defaultTimers, random);

  const patienceMs = 2 * giveUpMs(defaultTimers);
  const target = `sip:${NUMBER}@${toService.address}:${toService.port}`;
  const dialler = new LossyCaller(caller.srf, target, defaultTimers, random);
  const outcomes = await dialler.dial(calls, callsPerSecond, patienceMs, progress);
  const failed = outcomes.failed + outcomes.unfinished;
  const left = await legsLeft(bridge);
  const rows = readRows(bridge);
  const complaints = bridge.log.filter(({ level }) => level === 'error');
  return [
    finding('99.9 % of calls over a bad network end as they should', failed <= calls * MOST_FAILED, describe(outcomes)),
    finding('no leg is left 64·T1 later', left === '', left === '' ? 'none' : left),
    finding('no call is recorded twice', rows.twice === 0, `${rows.total} rows, ${rows.twice} doubles`),
    finding(
      'every answered call is recorded as answered and ended, no line is held',
      rows.answered >= outcomes.answered && rows.open === 0 && rows.holds === 0,
      `${rows.answered} answered, ${rows.open} open, ${rows.holds} lines held`,
    ),
    finding('the service logs no error', complaints.length === 0, complaints[0]?.msg ?? 'none'),
    finding(
      'the network was bad',
      [toService, toCallee].every(isBad),
      `${summary(toService.conveyed)}; ${summary(toCallee.conveyed)}`,
    ),
  ];
}
