import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { freePort } from '../test/support/free-port.ts';
import { printVerdicts } from './promises.ts';
import { runSipLoad } from './sip-load.ts';
import { ms, startTable, whole } from './table.ts';
import type { OutboxAnswer, OutboxQuestion } from './targets/outbox-process.ts';
import { service, serviceWithWebhooks } from './targets/service.ts';

/** Semantics §8 as an operator feels it, on any machine with two cores. */
const PROMISED = {
  /** Deliveries per second, each committed before and written down after it was sent. */
  perSecond: 2_000,
  /** From commit to stored result in 99 of 100, ms, at `paced` deliveries/s. */
  p99Ms: 100,
  paced: 500,
  /** What so many deliveries due to an endpoint that never answers may add to those of a healthy one at most, ms. */
  dead: 100_000,
  delayMs: 1_000,
  /** Resident memory with so many due, over that with none. */
  queued: 1_000_000,
  memory: 1.1,
  /** Set-up time (median) of calls with four webhooks each, over that of calls with none. */
  setUp: 1.25,
  setUpRate: 100,
} as const;

const ENDPOINTS = 8;

interface Receiver {
  readonly ports: readonly number[];
  readonly hangingPort: number;
}

/** The outbox and its worker under load. True if all promises are kept. */
export async function measureWebhooks(quick: boolean): Promise<boolean> {
  await using receiver = await startChild<Receiver>('receiver-process.ts', [`${ENDPOINTS}`]);
  const { ports, hangingPort } = receiver.ready;
  const table = startTable(`Deliveries to ${ENDPOINTS} endpoints of one receiver, from commit to stored result`, [
    ['due to a dead endpoint', 22],
    ['per second', 10],
    ['p50 ms', 7],
    ['p99 ms', 7],
    ['max ms', 7],
    ['RSS MB', 6],
    ['', 0],
  ]);
  const measure = async (dead: number, questions: Record<string, OutboxQuestion>) => {
    await using outbox = await openOutbox(dead, hangingPort);
    const answers: OutboxAnswer[] = [];
    for (const [name, question] of Object.entries(questions)) {
      const it = await outbox.ask(question);
      answers.push(it);
      const { p50, p99, max } = it.latency;
      table.row(whole(dead), whole(it.deliveries / it.seconds), ms(p50), ms(p99), ms(max), whole(it.residentMb), name);
    }
    return answers;
  };
  const few = quick ? 500 : 15_000;
  const seconds = quick ? 1 : 6;
  const slow = { kind: 'pace', ports: ports.slice(0, 1), perSecond: 100, seconds } as const;
  const [, flood, pace, single] = await measure(0, {
    'warming up': { kind: 'flood', ports, count: few / 3 },
    'as many as can be': { kind: 'flood', ports, count: few },
    [`${PROMISED.paced}/s`]: { kind: 'pace', ports, perSecond: PROMISED.paced, seconds },
    'as many as can be to one endpoint': { kind: 'flood', ports: ports.slice(0, 1), count: few / 2 },
  });
  const [healthy] = await measure(quick ? 1_000 : PROMISED.dead, { '100/s to a healthy one': slow });
  const [none] = await measure(0, { '100/s, nothing else': slow });
  const [queued] = await measure(quick ? 2_000 : PROMISED.queued, { '100/s to a healthy one': slow });
  const setUp = await setUpRatio(ports[0] ?? 0, quick ? 2 : 8);
  const rate = (flood?.deliveries ?? 0) / (flood?.seconds ?? 1);
  const oneRate = (single?.deliveries ?? 0) / (single?.seconds ?? 1);
  const delay = (healthy?.latency.max ?? Number.NaN) - (none?.latency.p50 ?? 0);
  const memory = (queued?.residentMb ?? Number.NaN) / (none?.residentMb ?? Number.NaN);
  const p99 = pace?.latency.p99 ?? Number.NaN;
  return printVerdicts([
    [
      `deliveries/s (${whole(oneRate)} to one endpoint)`,
      `>= ${PROMISED.perSecond}`,
      whole(rate),
      rate >= PROMISED.perSecond,
    ],
    [`p99 at ${PROMISED.paced}/s, ms`, `<= ${PROMISED.p99Ms}`, ms(p99), p99 <= PROMISED.p99Ms],
    [
      `added by ${whole(PROMISED.dead)} due to a dead one, ms`,
      `<= ${PROMISED.delayMs}`,
      ms(delay),
      delay <= PROMISED.delayMs,
    ],
    [
      `memory with ${whole(PROMISED.queued)} due, none = 1`,
      `<= ${PROMISED.memory}`,
      ms(memory),
      memory <= PROMISED.memory,
    ],
    ['call set-up p50 with webhooks, none = 1', `<= ${PROMISED.setUp}`, ms(setUp), setUp <= PROMISED.setUp],
  ]);
}

/** A call's set-up with webhooks for start, selected, answered and ended, over that without. */
async function setUpRatio(port: number, seconds: number): Promise<number> {
  const table = startTable(`Set-up time at ${PROMISED.setUpRate} calls/s, INVITE to 200, ms`, [
    ['', 16],
    ['p50', 7],
    ['p99', 7],
  ]);
  const medians: number[] = [];
  for (const target of [service, serviceWithWebhooks(`http://127.0.0.1:${port}`)]) {
    const buyerPort = await freePort();
    const running = await target.start(buyerPort);
    const load = { rate: PROMISED.setUpRate, seconds, buyerPort, target: running };
    await runSipLoad({ ...load, rate: 200 });
    const { setUp } = await runSipLoad({ ...load, exactSetUp: true });
    await running.stop();
    table.row(target === service ? 'no webhooks' : 'four webhooks', ms(setUp.p50), ms(setUp.p99));
    medians.push(setUp.p50);
  }
  return (medians[1] ?? Number.NaN) / (medians[0] ?? Number.NaN);
}

/** An outbox of its own, with so many deliveries due to an endpoint that never answers. */
async function openOutbox(dead: number, hangingPort: number) {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-outbox-'));
  const file = join(folder, 'bridge.sqlite');
  if (dead > 0) {
    await using first = await startChild('outbox-process.ts', [file]);
    await ask(first.child, { kind: 'pace', ports: [hangingPort], perSecond: 0, seconds: 0 });
    seedDead(file, dead, hangingPort);
  }
  const outbox = await startChild('outbox-process.ts', [file]);
  return {
    ask: (question: OutboxQuestion) => ask(outbox.child, question),
    async [Symbol.asyncDispose]() {
      await outbox[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ask(child: ChildProcess, question: OutboxQuestion): Promise<OutboxAnswer> {
  child.send(question);
  const [answer] = await once(child, 'message');
  return answer;
}

/** Straight into the table, as events of one call; durability does not matter here. */
function seedDead(file: string, count: number, port: number): void {
  const webhook = {
    id: 'dead',
    trigger: 'converted',
    method: 'POST',
    url: `http://127.0.0.1:${port}/`,
    headers: {},
    matches: [],
  };
  const tokens = { values: { call_uuid: 'seeded' }, tags: {}, currency: 'USD' };
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database
    .prepare(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < @count)
       insert into deliveries (id, event_id, call_uuid, campaign_id, webhook_id, trigger, webhook_json, tokens_json,
         key_version, state, tries, created_at, due_at)
       select 'seeded-' || i || '.dead', 'seeded-' || i, 'seeded', 'cars', 'dead', 'converted', @webhook, @tokens, 1, 'due', 0,
         @now + i, @now + i from n`,
    )
    .run({ count, webhook: JSON.stringify(webhook), tokens: JSON.stringify(tokens), now: Date.now() - 10_000_000 });
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

async function startChild<Ready = object>(script: string, args: readonly string[]) {
  const child = fork(`${import.meta.dirname}/targets/${script}`, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child, 'message'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`${script} ended before it was ready`);
  return {
    child,
    ready: first[0] as Ready,
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
