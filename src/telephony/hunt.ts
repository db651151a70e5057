import type { Buyer } from '../domain/buyer.ts';
import type { Destination } from '../domain/destination.ts';
import type { Candidate, SkippedBuyer } from '../domain/routing.ts';
import type { BuyerTurn } from './buyer-turn.ts';
import type { Dialling, Tried } from './dialling.ts';
import { nextTurn, type ReserveLines } from './line-reservation.ts';
import { RingGroup, type RingMember } from './ring-group.ts';
import type { SipResponse } from './srf.ts';

export interface HuntOptions {
  readonly dialling: Dialling;
  readonly reserve: ReserveLines;
  /** The line of this buyer is free again. */
  readonly release: (buyerId: string) => void;
  readonly skipped: (skips: readonly SkippedBuyer[]) => void;
  /** `isAlone`: nobody else rings at the same time. */
  readonly onProvisional: (response: SipResponse, isAlone: boolean) => void;
}

const LAST_RESORT_RING_MS = 30_000;

/** Looks for a buyer who takes the call: one candidate after the other until one answers (semantics §6). */
export class Hunt {
  readonly #options: HuntOptions;
  #group: RingGroup | undefined;
  #stopped = false;
  /** Buyers whose legs are not gone yet, though their turn is over. */
  readonly #lingering = new Set<string>();

  constructor(options: HuntOptions) {
    this.#options = options;
  }

  /** The attempt that answered, else the last one; undefined when nobody was tried. */
  async run(candidates: readonly Candidate[], lastResort: Destination | undefined): Promise<Tried | undefined> {
    let last: Tried | undefined;
    for (let index = 0; index < candidates.length && !this.#stopped; ) {
      const turn = await nextTurn(candidates, index, this.#options.reserve);
      index = turn.nextIndex;
      this.#options.skipped(turn.skipped);
      last = (await this.#ring(turn.buyers.map(turnOf))) ?? last;
      if (last?.result.kind === 'answered') return last;
    }
    if (lastResort === undefined) return last;
    const of = { buyer: undefined, destinations: [lastResort], ringTimeoutMs: LAST_RESORT_RING_MS };
    return (await this.#ring([of])) ?? last;
  }

  /** Cancels what rings and rings nobody else. */
  stop(): void {
    this.#stopped = true;
    this.#group?.stop('cancelled');
  }

  /** The caller left while this buyer answered: hangs it up. */
  drop(tried: Tried): void {
    const turn = this.#group?.turns.find(({ buyer }) => buyer === tried.buyer);
    if (this.#group === undefined || turn === undefined) return;
    turn.drop(tried, 'cancelled');
    this.#releaseWhenGone(this.#group, turn);
  }

  /** Ids of buyers that still have a leg of this call though their turn is over: their lines are not free yet. */
  get lingering(): readonly string[] {
    return [...this.#lingering];
  }

  async #ring(members: readonly RingMember[]): Promise<Tried | undefined> {
    if (members.length === 0 || this.#stopped) return undefined;
    const { dialling, onProvisional } = this.#options;
    const group = new RingGroup(members, dialling, onProvisional);
    this.#group = group;
    const tried = await group.run();
    const winner = tried?.result.kind === 'answered' ? tried.buyer : undefined;
    for (const turn of group.turns) if (turn.buyer !== winner) this.#releaseWhenGone(group, turn);
    return tried;
  }

  #releaseWhenGone(group: RingGroup, turn: BuyerTurn): void {
    const { buyer } = turn;
    if (buyer === undefined) return;
    this.#lingering.add(buyer.id);
    void group.gone(turn).then(() => {
      this.#lingering.delete(buyer.id);
      this.#options.release(buyer.id);
    });
  }
}

function turnOf(buyer: Buyer): RingMember {
  return { buyer, destinations: buyer.destinations, ringTimeoutMs: buyer.ringTimeoutSeconds * 1000 };
}
