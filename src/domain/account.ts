import type { ConversionGroup } from './conversion-group.ts';
import type { TagMatch } from './tag-match.ts';

/** Everything an operator configures: who sends calls, who takes them, what is paid (semantics, first table). */
export interface Account {
  /** ISO 4217; one currency per installation. */
  readonly currency: string;
  readonly carriers: readonly Carrier[];
  readonly publishers: readonly Publisher[];
  readonly buyers: readonly Buyer[];
  readonly campaigns: readonly Campaign[];
  readonly numbers: readonly DialedNumber[];
}

export interface Carrier {
  readonly id: string;
  readonly name: string;
  /** IP addresses and CIDR blocks its INVITEs come from. */
  readonly addresses: readonly string[];
}

/** Tags as they are configured: one or several values per name. */
export type TagSet = Readonly<Record<string, readonly string[]>>;

export interface Publisher {
  readonly id: string;
  readonly name: string;
  readonly tags: TagSet;
}

export interface Buyer {
  readonly id: string;
  readonly name: string;
  /** `sip:` URIs of the same people, tried in order on transport failure (semantics §6). */
  readonly destinations: readonly string[];
  readonly ringTimeoutSeconds: number;
  readonly paused: boolean;
}

export interface Route {
  readonly buyerId: string;
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
  /** In the order in which they are tried (semantics §4). */
  readonly conversionGroups: readonly ConversionGroup[];
  readonly webhooks: readonly Webhook[];
  /** Refuses GET and HEAD postbacks that would change something (semantics §3). */
  readonly postOnly: boolean;
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
}
