import type { Buyer } from '../domain/buyer.ts';
import { countsAsRepeat } from '../domain/caller-number.ts';
import { historyDays, planRouting, type RoutingPlan, type SkippedBuyer } from '../domain/routing.ts';
import { routingTags } from '../domain/routing-tags.ts';
import { type RoutingTrace, traceOf, withSkips } from '../domain/routing-trace.ts';
import type { TagValues } from '../domain/tag-match.ts';
import type { AccountDirectory } from './account-directory.ts';
import type { Admitted } from './admit-invite.ts';
import type { CallerFacts } from './call-record.ts';

export interface RoutingSources {
  /** The account as it was when the call came. */
  readonly directory: AccountDirectory;
  readonly now: () => number;
  readonly random: () => number;
  readonly isReachable: (buyer: Buyer) => boolean;
}

/** Where one call goes and why: the plan, and what was skipped while dialling (semantics §6). */
export class CallRouting {
  /** How far back the rules look at this caller's calls; 0: the plan needs nothing from the store. */
  readonly callerHistoryDays: number;
  readonly #call: Admitted;
  readonly #sources: RoutingSources;
  readonly #skips: SkippedBuyer[] = [];
  #trace: RoutingTrace | undefined;
  #tags: TagValues = new Map();

  constructor(call: Admitted, sources: RoutingSources) {
    this.#call = call;
    this.#sources = sources;
    const { buyers, sharedCallerNumbers } = sources.directory;
    const counts = countsAsRepeat(call.caller.number, sharedCallerNumbers);
    this.callerHistoryDays = counts ? historyDays(call.campaign, buyers) : 0;
  }

  plan(facts: CallerFacts | undefined): RoutingPlan {
    const { directory, now, random, isReachable } = this.#sources;
    const { campaign, publisher, tags } = this.#call;
    this.#tags = routingTags([...tags, ...(facts?.carriedTags ?? [])], campaign, publisher);
    const plan = planRouting(campaign, directory.buyers, {
      now: now(),
      tags: this.#tags,
      callerHistory: facts?.callerHistory ?? [],
      isReachable,
      random,
    });
    this.#trace = traceOf(plan);
    return plan;
  }

  /** The tags the call was routed by; none before it was planned. */
  get tags(): TagValues {
    return this.#tags;
  }

  /** Buyers of the plan that were not dialled after all. */
  skip(skips: readonly SkippedBuyer[]): void {
    this.#skips.push(...skips);
  }

  /** Made when the call was planned; undefined before. */
  get trace(): RoutingTrace | undefined {
    return this.#trace;
  }

  /** The trace with what was skipped since; undefined if nothing was. */
  get changedTrace(): RoutingTrace | undefined {
    if (this.#trace === undefined || this.#skips.length === 0) return undefined;
    return withSkips(this.#trace, this.#skips);
  }
}
