import type Srf from 'drachtio-srf';
import type { TimerSettings } from '../../sip/engine/transaction/timer-settings.ts';
import { type Conveyed, LossyNetwork, type Weather } from '../support/lossy-network.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { remembered } from './engine-child.ts';
import { type Finding, finding, type Progress, sleep } from './finding.ts';
import { joinLegs } from './join-legs.ts';
import { LossyCaller, type Outcomes } from './lossy-caller.ts';
import { answerCalls, openStation, type Station } from './station.ts';

export interface LossyOptions {
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly timers: TimerSettings;
  readonly weather: Weather;
  readonly seed: number;
  readonly progress: Progress;
}

/** Each on an address of its own, so that nobody reaches anybody past the bad network. */
const addresses = { bridge: '127.0.0.1', callee: '127.0.0.2', caller: '127.0.0.3' };
const networks = { beforeBridge: '127.0.0.11', beforeCallee: '127.0.0.12' };

/** Calls from one engine through a second to a third, over a network that loses, doubles, delays and reorders. */
export async function runLossy(options: LossyOptions): Promise<Finding[]> {
  const { weather, timers, seed, progress } = options;
  const random = seededRandom(seed);
  await using bridge = await openStation(addresses.bridge, timers);
  await using callee = await openStation(addresses.callee, timers);
  await using caller = await openStation(addresses.caller, timers);
  const target = (address: string, { port }: Station) => ({ address, port });
  await using toBridge = await LossyNetwork.open(
    networks.beforeBridge,
    target(addresses.bridge, bridge),
    weather,
    random,
  );
  await using toCallee = await LossyNetwork.open(
    networks.beforeCallee,
    target(addresses.callee, callee),
    weather,
    random,
  );
  answerCalls(callee.srf, timers, random);
  bridgeCalls(bridge.srf, `sip:callee@${toCallee.address}:${toCallee.port}`);

  const patienceMs = 64 * timers.t1 * 4;
  const dialler = new LossyCaller(caller.srf, `sip:bridge@${toBridge.address}:${toBridge.port}`, timers, random);
  const outcomes = await dialler.dial(options.calls, options.callsPerSecond, patienceMs, progress);
  const stations = [bridge, callee, caller];
  const left = await forgotten(stations, patienceMs);
  const errors = stations.flatMap((station) => station.errors);
  return [
    finding('every call over a bad network ends, well or cleanly', outcomes.unfinished === 0, describe(outcomes)),
    finding('most calls come through all the same', outcomes.answered > outcomes.failed, describe(outcomes)),
    finding('afterwards all three engines have forgotten everything', left === 0, `${left} entries left`),
    finding('the engines log no error', errors.length === 0, errors.length === 0 ? 'none' : String(errors[0])),
    finding(
      'the network was bad',
      [toBridge, toCallee].every(isBad),
      `${summary(toBridge.conveyed)}; ${summary(toCallee.conveyed)}`,
    ),
  ];
}

function bridgeCalls(srf: Srf, uri: string): void {
  srf.invite(async (req, res) => {
    try {
      joinLegs(await srf.createB2BUA(req, res, uri, {}));
    } catch {
      // Refused, cancelled or lost: the caller hears of it.
    }
  });
}

async function forgotten(stations: readonly Station[], withinMs: number): Promise<number> {
  const left = () => stations.reduce((sum, { engine }) => sum + remembered(engine.stats()), 0);
  const end = performance.now() + withinMs;
  while (left() > 0 && performance.now() < end) await sleep(50);
  return left();
}

export const describe = ({ answered, refused, cancelled, failed, unfinished }: Outcomes): string =>
  `${answered} answered and hung up, ${refused} refused, ${cancelled} cancelled, ${failed} failed, ${unfinished} never ended`;

export const isBad = ({ conveyed }: LossyNetwork): boolean =>
  conveyed.lost > 0 && conveyed.duplicated > 0 && conveyed.delayed > 0;

export const summary = ({ datagrams, lost, duplicated, delayed }: Conveyed): string =>
  `${datagrams} datagrams, ${lost} lost, ${duplicated} doubled, ${delayed} delayed`;
