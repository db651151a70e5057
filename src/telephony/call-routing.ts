import type { Buyer } from '../domain/buyer.ts';
import type { CallTag } from '../domain/call-tag.ts';
import { countsAsRepeat } from '../domain/caller-number.ts';
import { historyDays, planRouting, type RoutingPlan, type SkippedBuyer } from '../domain/routing.ts';
import { routingTags } from '../domain/routing-tags.ts';
import { type RoutingTrace, type TracedAnswer, traceOf, withAnswers, withSkips } from '../domain/routing-trace.ts';
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
  readonly #answers: TracedAnswer[] = [];
  readonly #known: CallTag[];
  #tags: TagValues = new Map();

  constructor(call: Admitted, sources: RoutingSources) {
    this.#call = call;
    this.#sources = sources;
    this.#known = [...call.tags];
    const { buyers, sharedCallerNumbers } = sources.directory;
    const counts = countsAsRepeat(call.caller.number, sharedCallerNumbers);
    this.callerHistoryDays = counts ? historyDays(call.campaign, buyers) : 0;
  }

  plan(facts: CallerFacts | undefined): RoutingPlan {
    const { directory, now, random, isReachable } = this.#sources;
    const { campaign } = this.#call;
    this.#know(facts?.carriedTags ?? []);
    const plan = planRouting(campaign, directory.buyers, {
      now: now(),
      tags: this.#tags,
      callerHistory: facts?.callerHistory ?? [],
      isReachable,
      random,
    });
    this.#trace = withAnswers(traceOf(plan), this.#answers);
    return plan;
  }

  /** What webhooks told: tags from now on, for the plan or, once it is made, for whom is dialled next. */
  learn(answers: readonly TracedAnswer[]): void {
    this.#answers.push(...answers);
    this.#know(answers.flatMap(({ tags }) => tags));
  }

  #know(tags: readonly CallTag[]): void {
    const { campaign, publisher } = this.#call;
    this.#known.push(...tags);
    this.#tags = routingTags(this.#known, campaign, publisher);
  }

  /** The tags the call is routed by. */
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

  /** The trace with what was skipped or learned since; undefined if nothing was. */
  get changedTrace(): RoutingTrace | undefined {
    const trace = this.#trace;
    const isSame = this.#skips.length === 0 && (trace?.answers ?? []).length === this.#answers.length;
    return trace === undefined || isSame ? undefined : withAnswers(withSkips(trace, this.#skips), this.#answers);
  }
}
