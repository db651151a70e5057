import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProcessSize } from '../../bench/process-cpu.ts';
import { startChild } from '../../bench/targets/child.ts';
import type { TimerSettings } from '../../sip/engine/transaction/timer-settings.ts';
import { TestAuthority } from '../engine/support/test-authority.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { startSipp } from '../support/sipp.ts';
import { EngineChild, remembered } from './engine-child.ts';
import { brisk, type Finding, finding, neverOverloaded, type Progress, sleep } from './finding.ts';
import { HostilePeers } from './hostile-peers.ts';

export interface FuzzOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly timers?: TimerSettings;
  readonly callsPerSecond?: number;
  readonly datagramsPerSecond?: number;
  readonly progress: Progress;
}

/** In MB; `heap` with the buffers outside of it. */
interface Size {
  readonly heap: number;
  readonly resident: number;
}

const sippArgs = ['-buff_size', '4194304'];
/** 64·T1 of the brisk timers several times over: INVITEs nobody answers wait twice as long. */
const forgetWithinMs = 60_000;
/** Of heap and buffers after a collection, and of what the system gave, which Node seldom returns. */
const growthAllowed = { heap: 1.1, resident: 1.5 };
const growthAllowedMb = 10;
const listen = (['udp', 'tcp', 'tls'] as const).map((protocol) => ({ protocol, address: '127.0.0.1', port: 0 }));

/** Calls go through the engine while damaged messages rain on it. */
export async function runFuzz(options: FuzzOptions): Promise<Finding[]> {
  const { seconds, seed, timers = brisk, callsPerSecond = 20, datagramsPerSecond = 400, progress } = options;
  const secret = 'soak';
  using certificate = newCertificate();
  await using engine = await EngineChild.start({
    ...{ listen, secret, timers, overloadLimits: neverOverloaded, control: { address: '127.0.0.1', port: 0 } },
    tls: certificate.files,
  });
  const calls = Math.round(seconds * callsPerSecond);
  const timeoutMs = seconds * 1_000 + 30_000;
  const load = { trace: false, timeoutMs, args: sippArgs };
  await using buyer = await startSipp('uas-answer-at-once-expect-bye', { ...load, calls: Number.POSITIVE_INFINITY });
  const bridge = await startChild(`${import.meta.dirname}/bridge-process.ts`, [
    ...[`${engine.controlPort}`, secret, buyer.hostPort],
  ]);
  const [udp = 0, tcp = 0, tls = 0] = engine.ports;
  const sizes: Size[] = [];
  try {
    const peers = new HostilePeers({ udp, tcp, tls }, datagramsPerSecond, seededRandom(seed));
    await using carrier = await startSipp('uac-answered-hangs-up', {
      ...{ ...load, remote: `127.0.0.1:${udp}`, calls, rate: callsPerSecond },
    });
    const outcome = carrier.exit.then(
      () => '',
      (error: unknown) => String(error),
    );
    await watch(engine, peers, seconds, sizes, progress);
    const failure = await outcome;
    await peers[Symbol.asyncDispose]();
    return [
      finding('no call fails while damaged messages rain', failure === '', failure || `${calls} calls, none failed`),
      memoryFinding(sizes),
      await forgetFinding(engine),
      finding('the engine logs no error', engine.errors.length === 0, engine.errors.slice(0, 3).join('\n') || 'none'),
    ];
  } finally {
    await bridge.stop();
  }
}

function newCertificate(): Disposable & { files: { certificateFile: string; keyFile: string } } {
  const folder = mkdtempSync(join(tmpdir(), 'soak-tls-'));
  const files = { certificateFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  const { cert, key } = new TestAuthority().issue(['127.0.0.1']);
  writeFileSync(files.certificateFile, cert);
  writeFileSync(files.keyFile, key);
  return { files, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

async function watch(
  engine: EngineChild,
  { counts }: HostilePeers,
  seconds: number,
  sizes: Size[],
  progress: Progress,
): Promise<void> {
  const everyMs = Math.max(250, Math.min(5_000, seconds * 50));
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    await sleep(everyMs);
    const { stats, heapMb, buffersMb } = await engine.report();
    const residentMb = readProcessSize(engine.pid).residentMb;
    sizes.push({ heap: heapMb + buffersMb, resident: residentMb });
    const { datagrams, connections } = counts;
    progress(
      `${datagrams} datagrams, ${connections} connections, ${stats.transport.parseErrors} refused, ${remembered(stats)} remembered, ${heapMb.toFixed(0)} + ${buffersMb.toFixed(0)} MB heap and buffers, ${residentMb.toFixed(0)} MB resident, ${engine.errors.length} errors`,
    );
  }
}

/** The last third against the one before; the first third is warming up. */
function memoryFinding(sizes: readonly Size[]): Finding {
  const third = Math.floor(sizes.length / 3);
  const growth = (['heap', 'resident'] as const).map((kind) => {
    const before = median(sizes.slice(third, 2 * third).map((size) => size[kind]));
    const after = median(sizes.slice(-third).map((size) => size[kind]));
    const isFlat = after <= before * growthAllowed[kind] + growthAllowedMb;
    return { isFlat, text: `${kind} ${before.toFixed(0)} MB, then ${after.toFixed(0)} MB` };
  });
  const isKept = third === 0 || growth.every(({ isFlat }) => isFlat);
  return finding('memory stays flat', isKept, growth.map(({ text }) => text).join('; '));
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Once nobody sends any more and the timers have run out, nothing of all that is left. */
async function forgetFinding(engine: EngineChild): Promise<Finding> {
  const start = performance.now();
  let { stats } = await engine.report();
  while (remembered(stats) > 0 && performance.now() - start < forgetWithinMs) {
    await sleep(500);
    ({ stats } = await engine.report());
  }
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  const left = `${stats.dialogs} dialogs, ${stats.clientTransactions + stats.serverTransactions} transactions, ${stats.incoming + stats.outgoing} requests`;
  return finding('afterwards everything is forgotten', remembered(stats) === 0, `${left} left after ${seconds} s`);
}
