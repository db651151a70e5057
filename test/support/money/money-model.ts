/**
 * What the money of a few calls must be, told again in the plainest words: cents, seconds and arrays, nothing of the
 * product's code. The account it speaks of is in `model-account.ts`.
 */
export interface ModelCall {
  readonly buyer: string;
  readonly caller: string;
  phase: 'begun' | 'answered' | 'ended';
  answeredAt: number;
  tags: Set<string>;
  posts: Post[];
  group: Group | undefined;
  state: 'open' | 'pending' | 'converted' | 'not_converted';
  deadline: number | undefined;
  decidedAt: number | undefined;
  late: boolean;
  duplicate: boolean;
  value: string | undefined;
  ledger: Row[];
  /** Post-call webhooks in the order in which they were fired, with the time. */
  fired: string[];
}

export interface Row {
  readonly kind: 'conversion' | 'correction' | 'dispute';
  readonly by: 'postback' | 'duration' | 'operator';
  readonly revenue: number;
  readonly payout: number;
  readonly rule: number | null;
}

export interface Post {
  /** As it is written in the query, or undefined. */
  readonly revenue: string | undefined;
  readonly word: string | undefined;
}

type Group = 'vip' | 'share' | 'prices' | 'at once';
type Money = Pick<Row, 'revenue' | 'payout' | 'rule'>;

const WINDOW: Record<Group, number> = { vip: 0, share: 600, prices: 300, 'at once': 0 };
const DEDUPE: Record<Group, number> = { vip: 0, share: 0, prices: 900, 'at once': 900 };
const PRICES = [
  { word: 'gold', revenue: 8000, payout: 4000 },
  { word: 'silver', revenue: 5000, payout: 3000 },
];
const LATE_LIMIT = 30 * 86_400;

export class MoneyModel {
  readonly calls: ModelCall[] = [];

  begin(buyer: string, caller: string): ModelCall {
    const call: ModelCall = {
      buyer,
      caller,
      phase: 'begun',
      answeredAt: 0,
      tags: new Set(),
      posts: [],
      group: undefined,
      state: 'open',
      deadline: undefined,
      decidedAt: undefined,
      late: false,
      duplicate: false,
      value: undefined,
      ledger: [],
      fired: [],
    };
    this.calls.push(call);
    return call;
  }

  answer(call: ModelCall, now: number): void {
    if (call.phase !== 'begun') return;
    call.phase = 'answered';
    call.answeredAt = now;
  }

  end(call: ModelCall, now: number): void {
    if (call.phase === 'ended') return;
    const answered = call.phase === 'answered';
    call.phase = 'ended';
    call.state = 'pending';
    call.group = groupOf(call, answered);
    const window = answered && call.group !== undefined ? WINDOW[call.group] : 0;
    if (window > 0) call.deadline = now + window;
    const talked = Math.max(0, now - call.answeredAt);
    const money = !answered ? undefined : call.group === 'vip' ? steps(talked) : firstSense(call.group, call.posts);
    if (money !== undefined) this.#convert(call, money, call.group === 'vip' ? 'duration' : 'postback', now);
    if (call.decidedAt === undefined && window === 0) this.#decline(call, now);
  }

  /** The `status` of the answer. */
  post(call: ModelCall, post: Post, now: number): string {
    const same = post.revenue === undefined || Number(call.value) === Number(post.revenue);
    const wasDuplicate = call.duplicate;
    if (!same) call.value = post.revenue;
    if (call.state === 'open') {
      call.posts.push(post);
      call.value = post.revenue ?? call.value;
      return 'recorded';
    }
    if (call.state === 'converted') return this.#repost(call, post, { now, same });
    if (call.answeredAt === 0 || call.group === undefined || call.group === 'vip') return 'recorded';
    if (call.decidedAt !== undefined && now - call.decidedAt > LATE_LIMIT) return 'recorded';
    const money = firstSense(call.group, [post]);
    if (money === undefined) return 'recorded';
    if (this.#convert(call, money, 'postback', now)) {
      call.value = post.revenue ?? call.value;
      return 'converted';
    }
    return wasDuplicate && same ? 'unchanged' : 'duplicate';
  }

  sweep(now: number): void {
    for (const call of this.calls) {
      if (call.state === 'pending' && call.deadline !== undefined && call.deadline <= now) this.#decline(call, now);
    }
  }

  /** True if it is taken. */
  correct(call: ModelCall, money: { revenue: number; payout: number }, expected: number, now: number): boolean {
    const last = call.ledger.at(-1) ?? { revenue: 0, payout: 0 };
    if (expected !== call.ledger.length || call.state === 'open' || call.answeredAt === 0) return false;
    if (last.revenue === money.revenue && last.payout === money.payout) return false;
    if (call.state === 'converted') this.#correct(call, { ...money, rule: null }, 'operator', now);
    else this.#pay(call, { ...money, rule: null }, 'operator', now);
    return true;
  }

  dispute(call: ModelCall): boolean {
    if (call.state === 'open') return false;
    const { revenue, payout } = call.ledger.at(-1) ?? { revenue: 0, payout: 0 };
    call.ledger.push({ kind: 'dispute', by: 'operator', revenue, payout, rule: null });
    return true;
  }

  #repost(call: ModelCall, post: Post, { now, same }: { now: number; same: boolean }): string {
    const decided = call.ledger.findLast(({ kind }) => kind !== 'dispute')!;
    if (decided.by === 'operator') return post.revenue !== undefined && same ? 'unchanged' : 'recorded';
    if (call.group === 'vip') return 'recorded';
    if (call.group === 'prices') {
      const found = PRICES.findIndex(({ word }) => word === post.word);
      if (found === decided.rule) return 'unchanged';
      if (found < 0 || found > decided.rule!) return 'recorded';
      this.#correct(call, { ...PRICES[found]!, rule: found }, 'postback', now);
      return 'corrected';
    }
    if (post.revenue === undefined) return 'recorded';
    const cents = Math.round(Number(post.revenue) * 100);
    if (cents === decided.revenue) return 'unchanged';
    const money =
      cents === 0 && call.group === 'share' ? { revenue: 0, payout: 0, rule: null } : shareOf(call.group!, cents);
    this.#correct(call, money, 'postback', now);
    call.value = post.revenue;
    return 'corrected';
  }

  /** False if this caller has converted in this group already. */
  #convert(call: ModelCall, money: Money, by: Row['by'], now: number): boolean {
    const dedupe = DEDUPE[call.group!];
    const earlier = this.calls.some(
      (other) =>
        other !== call &&
        other.caller === call.caller &&
        other.group === call.group &&
        other.state === 'converted' &&
        other.decidedAt! > now - dedupe,
    );
    if (call.duplicate || (dedupe > 0 && earlier)) call.duplicate = true;
    else this.#pay(call, money, by, now);
    return !call.duplicate;
  }

  #pay(call: ModelCall, money: Money, by: Row['by'], now: number): void {
    call.late = call.state === 'not_converted';
    if (!call.late) call.fired.push(`ended ${now}`);
    call.fired.push(`converted ${now}`);
    call.state = 'converted';
    call.decidedAt = now;
    call.deadline = undefined;
    call.ledger.push({ kind: 'conversion', by, ...only(money) });
  }

  #correct(call: ModelCall, money: Money, by: Row['by'], now: number): void {
    call.ledger.push({ kind: 'correction', by, ...only(money) });
    call.fired.push(`conversion_updated ${now}`);
  }

  #decline(call: ModelCall, now: number): void {
    call.state = 'not_converted';
    call.decidedAt = now;
    call.deadline = undefined;
    call.fired.push(`ended ${now}`, `not_converted ${now}`);
  }
}

function only({ revenue, payout, rule }: Money): Money {
  return { revenue, payout, rule };
}

function groupOf(call: ModelCall, answered: boolean): Group | undefined {
  if (call.tags.has('vip=yes')) return 'vip';
  if (!answered) return undefined;
  return ({ A: 'share', B: 'prices', D: 'at once' } as const)[call.buyer];
}

function steps(talked: number): Money | undefined {
  if (talked >= 90) return { revenue: 2000, payout: 1000, rule: 1 };
  return talked >= 30 ? { revenue: 500, payout: 200, rule: 0 } : undefined;
}

/** What several posts mean together, the first time they count. */
function firstSense(group: Group | undefined, posts: readonly Post[]): Money | undefined {
  if (group === undefined) return undefined;
  if (group === 'prices') {
    const rule = PRICES.findIndex(({ word }) => posts.some((post) => post.word === word));
    return rule < 0 ? undefined : { ...PRICES[rule]!, rule };
  }
  const last = posts.findLast(({ revenue }) => revenue !== undefined);
  if (last === undefined) return undefined;
  const cents = Math.round(Number(last.revenue) * 100);
  return cents === 0 && group === 'share' ? undefined : shareOf(group, cents);
}

/** `*0.8`, and `+2*0.5`. */
function shareOf(group: Group, cents: number): Money {
  const payout = group === 'share' ? (cents * 8) / 10 : (cents + 200) / 2;
  return { revenue: cents, payout: Math.floor(payout + 0.5), rule: null };
}
