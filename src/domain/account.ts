import type { Buyer } from './buyer.ts';
import type { Carrier } from './carrier.ts';
import type { ConversionGroup } from './conversion-group.ts';
import type { Destination, Gateway } from './destination.ts';
import type { TagMatch } from './tag-match.ts';

/** Everything an operator configures: who sends calls, who takes them, what is paid (semantics, first table). */
export interface Account {
  /** ISO 4217; one currency per installation. */
  readonly currency: string;
  /** IANA name: that of buyers who have none of their own, and of times an operator writes without one. */
  readonly timeZone: string;
  /** Caller numbers that stand for many people, E.164: never a repeat caller. */
  readonly sharedCallerNumbers: readonly string[];
  readonly carriers: readonly Carrier[];
  readonly gateways: readonly Gateway[];
  readonly publishers: readonly Publisher[];
  readonly buyers: readonly Buyer[];
  readonly campaigns: readonly Campaign[];
  readonly numbers: readonly DialedNumber[];
}

/** Tags as they are configured: one or several values per name. */
export type TagSet = Readonly<Record<string, readonly string[]>>;

export interface Publisher {
  readonly id: string;
  readonly name: string;
  readonly tags: TagSet;
}

/** A way from a campaign to a buyer, or to several who ring at the same time. */
export interface Route {
  /** More than one: all ring at once, the first answer wins. */
  readonly buyerIds: readonly string[];
  /** Lowest first. */
  readonly priority: number;
  /** Share among routes of equal priority. */
  readonly weight: number;
  readonly matches: readonly TagMatch[];
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly tags: TagSet;
  readonly routes: readonly Route[];
  /** Where a call goes that no buyer took, without uuid, key and money. */
  readonly lastResort: Destination | undefined;
  readonly repeatCallers: RepeatCallerRule;
  /** A conversation is ended by us after so long, whoever the buyer. */
  readonly maxDurationSeconds: number;
  /** In the order in which they are tried (semantics §4). */
  readonly conversionGroups: readonly ConversionGroup[];
  readonly webhooks: readonly Webhook[];
  /** Refuses GET and HEAD postbacks that would change something (semantics §3). */
  readonly postOnly: boolean;
}

/** What is done with somebody who has called this campaign before (semantics §6). */
export interface RepeatCallerRule {
  readonly mode: 'off' | 'to_previous_buyer' | 'to_new_buyer';
  readonly withinDays: number;
  /** Tags of `add_tags` copied from the caller's last call. */
  readonly carryTags: 'none' | 'all' | readonly string[];
}

export interface DialedNumber {
  /** E.164 with `+`. */
  readonly number: string;
  readonly campaignId: string;
  readonly publisherId: string | undefined;
  readonly tags: TagSet;
}

export const WEBHOOK_TRIGGERS = [
  'start',
  'selected',
  'answered',
  'attempt_failed',
  'no_buyer',
  'ended',
  'converted',
  'not_converted',
  'conversion_updated',
  'tags_added',
] as const;

export type WebhookTrigger = (typeof WEBHOOK_TRIGGERS)[number];

export type WebhookMethod = 'HEAD' | 'GET' | 'POST' | 'PUT';

/** Which fields of a webhook's JSON answer become tags of the call, and how long the call waits for them (semantics §8). */
export interface AnswerMapping {
  /** Tag to field: names and list positions joined by dots, like `caller.income` or `leads.0.state`. */
  readonly tags: Readonly<Record<string, string>>;
  readonly withinMs: number;
}

export interface Webhook {
  readonly id: string;
  readonly trigger: WebhookTrigger;
  readonly method: WebhookMethod;
  /** With `[tokens]`, none of them in scheme, host or port. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** With `[tokens]`; undefined sends the standard JSON body. */
  readonly body: string | undefined;
  readonly matches: readonly TagMatch[];
  /** Belongs to a buyer: may carry `[call_key]`. */
  readonly trusted: boolean;
  /** The call waits for the answer and takes tags from it. */
  readonly answer?: AnswerMapping | undefined;
}
