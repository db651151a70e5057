import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { stringify } from 'yaml';
import { type BridgeProcess, spawnBridge } from '../support/bridge-process.ts';
import { freePort } from '../support/free-port.ts';
import { type Random, seededRandom } from '../support/seeded-random.ts';
import { waitFor } from '../support/wait-for.ts';
import { Buyer } from './buyers.ts';
import { Callers } from './callers.ts';
import { chaosAccount } from './chaos-account.ts';
import { takeCrashImage } from './crash-image.ts';
import { Poster } from './poster.ts';
import { type Broken, checkAfterRestart, checkCrashImage, checkSettled, openCalls } from './promises.ts';
import { SeenCalls } from './seen-call.ts';
import { WebhookWitness } from './webhook-witness.ts';

export interface ChaosOptions {
  readonly rounds: number;
  /** No new round begins after so many seconds. */
  readonly seconds: number;
  readonly seed: number;
  readonly onRound: (round: ChaosRound) => void;
}

/** One life of the service and its end. */
export interface ChaosRound {
  readonly number: number;
  /** Counted from when it was ready or, where it was starting, from its launch. */
  readonly killedAtMs: number;
  readonly wasStarting: boolean;
  readonly leftOpen: number;
  readonly broken: readonly Broken[];
}

export interface ChaosReport {
  readonly rounds: number;
  readonly calls: number;
  readonly keysHandedOut: number;
  readonly answered: number;
  readonly acknowledged: number;
  readonly webhooks: number;
  readonly broken: readonly Broken[];
}

/** Share of the kills that meet the service while it starts. */
const KILLED_STARTING = 0.15;
const LONGEST_START_MS = 900;
const SHORTEST_LIFE_MS = 100;
const LONGEST_LIFE_MS = 1_200;
/** A failed webhook's first pause is 5 s. */
const SETTLE_LIMIT_MS = 60_000;

/** Kills the service at random points of its work, again and again on the same data, and checks what it promises. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  await using world = await World.open(options.seed);
  return await world.run(options);
}

class World implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  readonly #random: Random;
  readonly #seen = new SeenCalls();
  readonly #settings: Record<string, string>;
  readonly #peers: { poster: Poster; buyers: Buyer[]; callers: Callers; witness: WebhookWitness };
  #service: BridgeProcess;

  static async open(seed: number): Promise<World> {
    const random = seededRandom(seed);
    const [sipPort, httpPort] = [await freePort(), await freePort()];
    const seen = new SeenCalls();
    const witness = await WebhookWitness.start(seededRandom(seed + 1));
    const poster = new Poster(`http://127.0.0.1:${httpPort}`, seededRandom(seed + 2));
    const buyers = [await Buyer.start('A', seen, poster, seed + 3), await Buyer.start('B', seen, poster, seed + 4)];
    const callers = await Callers.start(sipPort, seen, seededRandom(seed + 5));
    return new World(random, seen, { sipPort, httpPort }, { poster, buyers, callers, witness });
  }

  private constructor(
    random: Random,
    seen: SeenCalls,
    ports: { sipPort: number; httpPort: number },
    peers: { poster: Poster; buyers: Buyer[]; callers: Callers; witness: WebhookWitness },
  ) {
    this.#random = random;
    this.#seen = seen;
    this.#peers = peers;
    this.#settings = {
      SIP_PORT: `${ports.sipPort}`,
      HTTP_PORT: `${ports.httpPort}`,
      POSTBACKS_PER_SECOND: '100000',
    };
    writeFileSync(join(this.#folder, 'account.yaml'), stringify(chaosAccount(peers.buyers, peers.witness.url)));
    this.#service = this.#launch();
  }

  async run({ rounds, seconds, onRound }: ChaosOptions): Promise<ChaosReport> {
    const broken: Broken[] = [];
    const end = performance.now() + seconds * 1_000;
    let number = 0;
    while (number < rounds && performance.now() < end) {
      number += 1;
      const round = await this.#round(number);
      onRound(round);
      broken.push(...round.broken);
    }
    broken.push(...(await this.#settle()));
    const seen = this.#seen.all();
    const { callers, poster, witness } = this.#peers;
    return {
      rounds: number,
      calls: callers.count,
      keysHandedOut: seen.length,
      answered: seen.filter(({ isAnswered }) => isAnswered).length,
      acknowledged: poster.acknowledged,
      webhooks: witness.received,
      broken: [...new Map(broken.map((each) => [`${each.promise} ${each.what}`, each])).values()],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { callers, buyers, poster, witness } = this.#peers;
    poster.stop();
    callers.close();
    await this.#service.end('SIGKILL');
    for (const buyer of buyers) buyer.close();
    witness.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Lets the service live for a while, kills it, looks at what it left, and has it start again. */
  async #round(number: number): Promise<ChaosRound> {
    const wasStarting = this.#random() < KILLED_STARTING;
    const life = this.#random();
    if (!wasStarting) await this.#service.ready;
    const bornAt = performance.now();
    await sleep(wasStarting ? life * LONGEST_START_MS : SHORTEST_LIFE_MS + life * (LONGEST_LIFE_MS - SHORTEST_LIFE_MS));
    const killedAtMs = performance.now() - bornAt;
    const acknowledgedBefore = this.#seen.snapshot();
    await this.#service.end('SIGKILL');

    using image = takeCrashImage(join(this.#folder, 'data'));
    this.#service = this.#launch();
    const leftOpen = image === undefined ? [] : openCalls(image.database);
    const broken = image === undefined ? [] : checkCrashImage(image.database, acknowledgedBefore);
    if (wasStarting) return { number, killedAtMs, wasStarting, leftOpen: leftOpen.length, broken };
    const failure = await this.#service.ready.then(() => undefined, String);
    if (failure !== undefined) broken.push({ promise: 'starts', what: failure });
    else broken.push(...this.#look((database) => checkAfterRestart(database, leftOpen)));
    return { number, killedAtMs, wasStarting, leftOpen: leftOpen.length, broken };
  }

  /** Nothing new happens; then, when all is decided and sent, everything is compared. */
  async #settle(): Promise<Broken[]> {
    const { callers, poster, witness } = this.#peers;
    const ready = await this.#service.ready.then(() => undefined, String);
    if (ready !== undefined) return [{ promise: 'starts', what: ready }];
    callers.pause();
    await sleep(500);
    callers.hangUpAll();
    await poster.settled();
    const late = await this.#quiet().then(() => undefined, String);
    const wrong = poster.wrongAnswers.map((what): Broken => ({ promise: 'answered', what }));
    const left: Broken[] = late === undefined ? [] : [{ promise: 'windows', what: late }];
    return [...wrong, ...left, ...this.#look((database) => checkSettled(database, this.#seen.all(), witness))];
  }

  #quiet(): Promise<unknown> {
    const waiting = `select (select count(*) from calls where state in ('open', 'pending')) as windows,
      (select count(*) from deliveries where state = 'due') as deliveries,
      (select count(*) from holds) as lines`;
    return waitFor(
      'all windows to be over, all webhooks to be sent and all lines to be free',
      () => {
        const { windows, deliveries, lines } = this.#look(
          (database) => database.prepare<[], Record<'windows' | 'deliveries' | 'lines', number>>(waiting).get()!,
        );
        if (windows + deliveries + lines > 0) {
          throw new Error(`${windows} windows, ${deliveries} deliveries, ${lines} lines`);
        }
        return true;
      },
      { timeoutMs: SETTLE_LIMIT_MS, everyMs: 200 },
    );
  }

  #look<Result>(read: (database: Database.Database) => Result): Result {
    const database = new Database(join(this.#folder, 'data', 'bridge.sqlite'), { readonly: true });
    try {
      return read(database);
    } finally {
      database.close();
    }
  }

  #launch(): BridgeProcess {
    return spawnBridge({ folder: this.#folder, settings: this.#settings });
  }
}
