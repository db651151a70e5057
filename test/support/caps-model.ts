import type { Cap } from '../../src/domain/buyer.ts';

/** What happens to calls and buyers; places are taken modulo the number of calls there are. */
export type CapsStep =
  | { readonly kind: 'begin' }
  | { readonly kind: 'reserve'; readonly call: number; readonly candidates: readonly (readonly string[])[] }
  | { readonly kind: 'answer'; readonly call: number }
  | { readonly kind: 'release'; readonly call: number }
  | { readonly kind: 'convert'; readonly call: number }
  | { readonly kind: 'end'; readonly call: number; readonly linger: boolean }
  | { readonly kind: 'crash' }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'caps'; readonly of: string; readonly caps: readonly Cap[] };

export interface ModelCall {
  readonly uuid: string;
  hasEnded: boolean;
  /** Buyers whose line it holds; true once that buyer has answered. */
  readonly held: Map<string, boolean>;
  answered: { readonly buyer: string; readonly at: number } | undefined;
  hasPosted: boolean;
  convertedAt: number | undefined;
}

const NEW_YORK = new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', dateStyle: 'short' });

/** The same date or hour on the clocks of New York, told without the code under test. */
const PERIOD_OF: Readonly<Record<Exclude<Cap['per'], 'concurrent'>, (at: number) => string>> = {
  hour: (at) => String(Math.floor(at / 3_600_000)),
  day: (at) => NEW_YORK.format(at),
  month: (at) => NEW_YORK.format(at).replace(/\/\d+\//, '/'),
  total: () => '',
};

/** Calls, lines and counts as semantics §6 has them, kept in plain lists. */
export class CapsModel {
  now: number;
  readonly calls: ModelCall[] = [];
  readonly caps: Map<string, readonly Cap[]>;

  constructor(now: number, caps: ReadonlyMap<string, readonly Cap[]>) {
    this.now = now;
    this.caps = new Map(caps);
  }

  begin(uuid: string): void {
    const nothing = { answered: undefined, hasPosted: false, convertedAt: undefined };
    this.calls.push({ uuid, hasEnded: false, held: new Map(), ...nothing });
  }

  /** Whom a reservation must choose. */
  reserve(call: ModelCall, candidates: readonly (readonly string[])[]) {
    for (const [index, candidate] of candidates.entries()) {
      const free = candidate.filter((buyer) => !this.isFull(buyer, call));
      if (free.length === 0) continue;
      if (call.hasEnded) return undefined;
      for (const buyer of free) if (!call.held.has(buyer)) call.held.set(buyer, false);
      return { index, buyerIds: free };
    }
    return undefined;
  }

  isFull(buyer: string, asking: ModelCall): boolean {
    const others = this.calls.filter((call) => call !== asking && call.held.has(buyer));
    const dialing = others.filter((call) => call.held.get(buyer) === false).length;
    return (this.caps.get(buyer) ?? []).some(({ per, limit, counts }) => {
      if (per === 'concurrent') return others.length >= limit;
      return this.counted(buyer, counts, per) + (counts === 'connections' ? dialing : 0) >= limit;
    });
  }

  counted(buyer: string, counts: Cap['counts'], per: keyof typeof PERIOD_OF): number {
    const current = PERIOD_OF[per](this.now);
    return this.calls.filter(({ answered, convertedAt }) => {
      if (answered?.buyer !== buyer) return false;
      const at = counts === 'connections' ? answered.at : convertedAt;
      return at !== undefined && PERIOD_OF[per](at) === current;
    }).length;
  }

  answer(call: ModelCall, buyer: string): void {
    call.held.set(buyer, true);
    call.answered = { buyer, at: this.now };
  }

  /** The buyer posts a sale; while the call runs it waits for the end. */
  convert(call: ModelCall): void {
    call.hasPosted = true;
    if (call.hasEnded && call.answered !== undefined) call.convertedAt ??= this.now;
  }

  end(call: ModelCall, lingering: readonly string[]): void {
    if (call.hasEnded) return;
    call.hasEnded = true;
    for (const buyer of [...call.held.keys()]) if (!lingering.includes(buyer)) call.held.delete(buyer);
    if (call.hasPosted) this.convert(call);
  }

  crash(): void {
    for (const call of this.calls) {
      this.end(call, []);
      call.held.clear();
    }
  }

  linesOf(buyer: string): { lines: number; dialing: number } {
    const states = this.calls.map(({ held }) => held.get(buyer)).filter((state) => state !== undefined);
    return { lines: states.length, dialing: states.filter((isConnected) => !isConnected).length };
  }
}
