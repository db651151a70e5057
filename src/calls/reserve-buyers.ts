import type { Buyer } from '../domain/buyer.ts';
import { type BuyerLoad, firstReachedCap } from '../domain/caps.ts';
import { readConfiguration } from '../store/configuration.ts';
import { takeLine } from '../store/hold-rows.ts';
import type { OperationContext } from '../store/store.ts';
import { loadsOf } from './buyer-loads.ts';
import { requireCall } from './require-call.ts';

/** Whom a call may be offered to. */
export interface ReserveBuyersInput {
  readonly callUuid: string;
  readonly nodeId: string;
  /** Ids of buyers in the order in which they are dialled; those of one candidate ring at once. */
  readonly candidates: readonly (readonly string[])[];
  readonly now: number;
}

/** A buyer that takes no further call just now. */
export interface CapReached {
  readonly buyerId: string;
  /** For a person: `10 of 10 concurrent calls`. */
  readonly detail: string;
}

export interface ReserveBuyersOutput {
  /** The first candidate with a free line; undefined if there is none, or the call has ended. */
  readonly chosen?: { readonly index: number; readonly buyerIds: string[] };
  /** Of the candidates up to the chosen one. */
  readonly capReached: CapReached[];
}

/** So many buyers are looked at together: mostly one of the first takes the call. */
const PORTIONS = [8, 64, 512];

/**
 * The first candidate with a free line, and that line taken for this call: nobody else can take it in between, so that
 * concurrent calls never exceed a cap (semantics §6). Asked again it answers the same: lines the call holds itself are free
 * to it.
 */
export async function reserveBuyers(
  context: OperationContext,
  input: ReserveBuyersInput,
): Promise<ReserveBuyersOutput> {
  const loads = new Loads(context, input, (await readConfiguration(context)).buyers);
  const capReached: CapReached[] = [];
  for (const [index, candidate] of input.candidates.entries()) {
    const free: string[] = [];
    for (const buyerId of candidate) {
      const detail = await loads.reachedCap(index, buyerId);
      if (detail === undefined) free.push(buyerId);
      else capReached.push({ buyerId, detail });
    }
    if (free.length > 0) {
      const isTheirs = await takeLines(context, input, free);
      return isTheirs ? { chosen: { index, buyerIds: free }, capReached } : { capReached };
    }
  }
  return { capReached };
}

/** False if the call has ended: it must not dial any more. */
async function takeLines(
  context: OperationContext,
  { callUuid, nodeId, now }: ReserveBuyersInput,
  buyerIds: readonly string[],
): Promise<boolean> {
  let taken = 0;
  for (const buyerId of buyerIds) {
    if (await takeLine(context, { buyer_id: buyerId, call_uuid: callUuid, node_id: nodeId, held_at: now })) taken += 1;
  }
  return taken === buyerIds.length || (await requireCall(context, callUuid)).ended_at === null;
}

/** Loads of the candidates' buyers, read ahead in growing portions as the search goes on. */
class Loads {
  readonly #context: OperationContext;
  readonly #input: ReserveBuyersInput;
  readonly #buyers: ReadonlyMap<string, Buyer>;
  readonly #read = new Map<string, BuyerLoad>();
  #portions = 0;

  constructor(context: OperationContext, input: ReserveBuyersInput, buyers: ReadonlyMap<string, Buyer>) {
    this.#context = context;
    this.#input = input;
    this.#buyers = buyers;
  }

  /** Undefined if the buyer has a free line, or no caps at all. */
  async reachedCap(index: number, buyerId: string): Promise<string | undefined> {
    const buyer = this.#buyers.get(buyerId);
    if (buyer === undefined || buyer.caps.length === 0) return undefined;
    if (!this.#read.has(buyerId)) await this.#readAhead(index);
    const load = this.#read.get(buyerId);
    return load && firstReachedCap(buyer, load);
  }

  async #readAhead(from: number): Promise<void> {
    const wanted = this.#nextCapped(from, PORTIONS[Math.min(this.#portions, PORTIONS.length - 1)]!);
    const { callUuid: exceptCall, now } = this.#input;
    const loads = await loadsOf(this.#context, wanted, { now, exceptCall, isReservation: true });
    for (const [id, load] of loads) this.#read.set(id, load);
    this.#portions += 1;
  }

  /** Whole candidates; the search ends at one without caps. */
  #nextCapped(from: number, atLeast: number): Buyer[] {
    const found = new Map<string, Buyer>();
    for (const candidate of this.#input.candidates.slice(from)) {
      if (found.size >= atLeast) break;
      const buyers = candidate.map((id) => this.#buyers.get(id));
      for (const buyer of buyers) if (buyer !== undefined && buyer.caps.length > 0) found.set(buyer.id, buyer);
      if (buyers.some((buyer) => buyer === undefined || buyer.caps.length === 0)) break;
    }
    return [...found.values()];
  }
}
