import autocannon from 'autocannon';
import { ms, startTable, type Table, whole } from './table.ts';
import { emptyExpress } from './targets/empty-express.ts';
import type { PostbackTarget, RunningPostbackTarget } from './targets/target.ts';

export interface PostbackPlan {
  readonly connections: number;
  /** Of each of the four turns. */
  readonly turnSeconds: number;
}

export interface PostbackReport {
  /** Postbacks per second over requests per second of the empty handler, two turns each. */
  readonly ratio: number;
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly emptyP99Ms: number;
  /** Answers other than 2xx and broken connections: must be 0, or the rate is one of refusals. */
  readonly failed: number;
}

interface Turn {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly failed: number;
}

/** Durable postbacks per second next to an empty handler: A B B A, as only a ratio from the same minute says anything. */
export async function measurePostbacks(bench: PostbackTarget, plan: PostbackPlan): Promise<PostbackReport> {
  const table = startTable(`HTTP: ${bench.name}, ${plan.connections} connections, ${plan.turnSeconds} s each`, [
    ['requests/s', 10],
    ['p50 ms', 7],
    ['p99 ms', 7],
    ['max ms', 7],
    ['failed', 6],
    ['', 0],
  ]);
  const empty = await emptyExpress.start();
  const target = await bench.start();
  try {
    const turn = async (server: RunningPostbackTarget, name: string) => takeTurn(server, plan, table, name);
    await turn(target, `${bench.name}, warming up`);
    const a1 = await turn(target, bench.name);
    const b1 = await turn(empty, emptyExpress.name);
    const b2 = await turn(empty, emptyExpress.name);
    const a2 = await turn(target, bench.name);
    return report([a1, a2], [b1, b2]);
  } finally {
    await Promise.all([target.stop(), empty.stop()]);
  }
}

function report(ours: readonly Turn[], empty: readonly Turn[]): PostbackReport {
  const perSecond = mean(ours.map((turn) => turn.perSecond));
  return {
    perSecond,
    ratio: perSecond / mean(empty.map((turn) => turn.perSecond)),
    p99Ms: mean(ours.map((turn) => turn.p99Ms)),
    emptyP99Ms: mean(empty.map((turn) => turn.p99Ms)),
    failed: ours.reduce((sum, turn) => sum + turn.failed, 0),
  };
}

async function takeTurn(server: RunningPostbackTarget, plan: PostbackPlan, table: Table, name: string): Promise<Turn> {
  const result = await autocannon({
    url: server.baseUrl,
    connections: plan.connections,
    duration: plan.turnSeconds,
    requests: [{ setupRequest: (request) => ({ ...request, path: server.nextPostbackPath() }) }],
  });
  const { latency } = result;
  const turn = {
    perSecond: result['2xx'] / result.duration,
    p99Ms: latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
  table.row(whole(turn.perSecond), ms(latency.p50), ms(latency.p99), ms(latency.max), turn.failed, name);
  return turn;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
