import type { Account, Campaign, DialedNumber, Publisher } from './account.ts';
import type { Buyer } from './buyer.ts';
import { type CallTag, LONGEST_TAG_NAME, LONGEST_TAG_VALUE } from './call-tag.ts';
import { countsAsRepeat } from './caller-number.ts';
import { type BuyerLoad, firstReachedCap } from './caps.ts';
import { configuredTags } from './configured-tags.ts';
import type { EarlierCall } from './earlier-call.ts';
import { AppError } from './errors.ts';
import { nearestNumbers } from './nearest-numbers.ts';
import { e164FromUser } from './phone-number.ts';
import { historyDays, planRouting, type RoutingPlan } from './routing.ts';
import { routingTags } from './routing-tags.ts';
import { chancesToBeFirst } from './routing-trace.ts';

/** A call that might come. */
export interface DryRunRequest {
  readonly dialedNumber: string;
  /** Undefined: the caller hides it. */
  readonly callerNumber: string | undefined;
  /** Beside those of number, publisher and campaign. */
  readonly tags: readonly CallTag[];
  /** Undefined: now. */
  readonly at: number | undefined;
}

/** What the database is asked. */
export interface DryRunQuery {
  readonly campaignId: string;
  readonly callerNumber: string | undefined;
  /** 0: nothing of the caller is asked. */
  readonly historyDays: number;
  readonly buyerIds: readonly string[];
  readonly now: number;
}

/** What the database knows. */
export interface DryRunFacts {
  readonly callerHistory: readonly EarlierCall[];
  readonly carriedTags: readonly CallTag[];
  readonly loads: ReadonlyMap<string, BuyerLoad>;
}

/** The world around a dry run. */
export interface DryRunSurroundings {
  readonly account: Account;
  readonly now: number;
  /** Undefined where no database is at hand: nothing of callers and caps is known. */
  readonly facts: ((query: DryRunQuery) => Promise<DryRunFacts>) | undefined;
  /** Undefined where health is not known: everybody counts as healthy. */
  readonly isReachable: ((buyer: Buyer) => boolean) | undefined;
}

/** Who would get the call, and why nobody else would. */
export interface DryRun {
  readonly at: number;
  readonly number: DialedNumber;
  readonly campaign: Campaign;
  readonly publisher: Publisher | undefined;
  readonly callerNumber: string | undefined;
  readonly tags: readonly CallTag[];
  /** The caller's newest answered call in the days the rules look at. */
  readonly lastCall: EarlierCall | undefined;
  /** Heavier buyers first among equals: the real order is drawn for each call. */
  readonly plan: RoutingPlan;
  /** Of each candidate, to be dialled first. */
  readonly chances: readonly number[];
  readonly isUnknown: { readonly database: boolean; readonly health: boolean };
}

/** Routes a call that is not there by the same rules, and asks only what is known. Throws AppError. */
export async function dryRun(request: DryRunRequest, around: DryRunSurroundings): Promise<DryRun> {
  const { account, facts, isReachable } = around;
  const number = findNumber(request.dialedNumber, account);
  const campaign = account.campaigns.find(({ id }) => id === number.campaignId);
  if (campaign === undefined) throw new AppError('campaign_unknown', `there is no campaign ${number.campaignId}`);
  const publisher = account.publishers.find(({ id }) => id === number.publisherId);
  const callerNumber = readCaller(request.callerNumber);
  const buyers = buyersOf(account);
  const at = request.at ?? around.now;

  const canRepeat = countsAsRepeat(callerNumber, new Set(account.sharedCallerNumbers));
  const known = await facts?.({
    campaignId: campaign.id,
    callerNumber,
    historyDays: canRepeat ? historyDays(campaign, buyers) : 0,
    buyerIds: [...new Set(campaign.routes.flatMap(({ buyerIds }) => buyerIds))],
    now: at,
  });
  const tags = unique([
    ...configuredTags(number, publisher, campaign),
    ...request.tags.map(checkedTag),
    ...(known?.carriedTags ?? []),
  ]);
  const plan = planRouting(campaign, buyers, {
    now: at,
    tags: routingTags(tags, campaign, publisher),
    callerHistory: known?.callerHistory ?? [],
    isReachable: isReachable ?? (() => true),
    random: () => 0.5,
    capReached: capReached(known, request.at === undefined),
  });
  return {
    ...{ at, number, campaign, publisher, callerNumber, tags, plan },
    lastCall: known?.callerHistory[0],
    chances: chancesToBeFirst(plan.candidates),
    isUnknown: { database: facts === undefined, health: isReachable === undefined },
  };
}

const buyersBefore = new WeakMap<Account, ReadonlyMap<string, Buyer>>();

/** The same map for the same account: what routing has compiled for it is found again. */
function buyersOf(account: Account): ReadonlyMap<string, Buyer> {
  const buyers = buyersBefore.get(account) ?? new Map(account.buyers.map((buyer) => [buyer.id, buyer]));
  buyersBefore.set(account, buyers);
  return buyers;
}

/** How many lines are in use is only known of this moment. */
function capReached(known: DryRunFacts | undefined, isNow: boolean): (buyer: Buyer) => string | undefined {
  return (buyer) => {
    const load = known?.loads.get(buyer.id);
    return load && firstReachedCap(buyer, isNow ? load : { ...load, lines: 0, dialing: 0 });
  };
}

function findNumber(text: string, { numbers }: Account): DialedNumber {
  const e164 = e164FromUser(text);
  const found = numbers.find(({ number }) => number === e164);
  if (found !== undefined) return found;
  const nearest = nearestNumbers(
    text,
    numbers.map(({ number }) => number),
  ).join(', ');
  throw new AppError('number_unknown', `the account has no number "${text}": the nearest are ${nearest}`);
}

function readCaller(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const number = e164FromUser(text);
  if (number !== undefined) return number;
  throw new AppError('number_invalid', `"${text}" is not a caller's number: write it like +12025550143`);
}

function checkedTag(tag: CallTag): CallTag {
  const { name, value } = tag;
  const isName = name !== '' && name.length <= LONGEST_TAG_NAME && !/[\s\p{Cc}]/u.test(name);
  if (!isName || value.length > LONGEST_TAG_VALUE) {
    throw new AppError('tag_invalid', `"${name}=${value}" is not a tag: write state=CA, 64 and 255 characters at most`);
  }
  if (!/^system_/i.test(name)) return tag;
  throw new AppError('tag_invalid', `the tag ${name} is set by the service: leave it out`);
}

function unique(tags: readonly CallTag[]): CallTag[] {
  return [...new Map(tags.map(({ name, value }) => [`${name}\0${value}`, { name, value }])).values()];
}
