import type { Role } from '../domain/access.ts';

/**
 * The rows as both databases hold them. Instants are epoch milliseconds UTC, booleans 0 or 1, money millionths of the
 * account's currency, `*_json` text. No dialect difference reaches a caller.
 */
export interface Tables {
  entities: EntityRow;
  calls: CallRow;
  attempts: AttemptRow;
  tags: TagRow;
  ledger: LedgerRow;
  events: EventRow;
  postbacks: PostbackRow;
  deliveries: DeliveryRow;
  delivery_tries: DeliveryTryRow;
  purged_calls: PurgedCallRow;
  nodes: NodeRow;
  routings: RoutingRow;
  call_totals: CallTotalsRow;
  call_day_totals: CallDayTotalsRow;
  call_quarter_totals: CallQuarterTotalsRow;
  holds: HoldRow;
  buyer_counts: BuyerCountRow;
  postback_tokens: PostbackTokenRow;
  stray_postbacks: StrayPostbackRow;
  webhook_states: WebhookStateRow;
  api_tokens: ApiTokenRow;
  changes: ChangeRow;
  kept_answers: KeptAnswerRow;
  sip_messages: SipMessageRow;
}

/** One configured thing; `body_json` is the domain type of its kind, `source_json` what the operator wrote. */
export interface EntityRow {
  kind: 'account' | 'carrier' | 'gateway' | 'publisher' | 'buyer' | 'campaign' | 'number';
  id: string;
  body_json: string;
  updated_at: number;
  removed_at: number | null;
  /** As in an account file; null for rows of versions that did not keep it, and for removed ones of these. */
  source_json: string | null;
}

/** Who may use the API; the token itself is kept nowhere. */
export interface ApiTokenRow {
  id: string;
  name: string;
  role: Role;
  /** Scope[]; fewer than the role has, or all of them. */
  scopes_json: string;
  publisher_id: string | null;
  /** string[]: what a publisher is shown. */
  grants_json: string;
  /** SHA-256, hex. */
  token_hash: string;
  created_at: number;
  created_by: string;
  expires_at: number | null;
  revoked_at: number | null;
  /** To the hour. */
  last_used_at: number | null;
}

/** Something that somebody changed, or tried to. */
export interface ChangeRow {
  /** UUID version 7: in order of time. */
  id: string;
  at: number;
  actor: string;
  source_address: string | null;
  /** `POST /calls/…/corrections`, `account`. */
  action: string;
  detail_json: string;
  /** Of the answer; null while it is not known, as when the service died meanwhile, and for what came by no request. */
  http_status: number | null;
}

/** A SIP message of a call, secrets masked. */
export interface SipMessageRow {
  call_uuid: string;
  at: number;
  /** Order within a millisecond. */
  n: number;
  direction: 'received' | 'sent';
  /** `udp/192.0.2.1:5060` */
  peer: string;
  sip_call_id: string;
  text: string;
}

/** The answer to a request with an idempotency key. */
export interface KeptAnswerRow {
  actor: string;
  idempotency_key: string;
  request_hash: string;
  at: number;
  /** Null while the request is under way. */
  http_status: number | null;
  body_json: string | null;
}

/** What is decided about a call's money (semantics §1). */
export type MoneyState = 'open' | 'pending' | 'converted' | 'not_converted';

/** One inbound call. */
export interface CallRow {
  uuid: string;
  key_version: number;
  node_id: string;
  carrier_id: string;
  campaign_id: string;
  publisher_id: string | null;
  dialed_number: string;
  caller_number: string | null;
  sip_call_id: string;
  started_at: number;
  /** First INVITE sent to a buyer. */
  first_invited_at: number | null;
  answered_at: number | null;
  ended_at: number | null;
  end_estimated: number;
  buyer_id: string | null;
  /** The destination URI that answered. */
  destination: string | null;
  hung_up_by: 'caller' | 'buyer' | 'system' | null;
  sip_status: number | null;
  q850_cause: number | null;
  /** CallOutcome.result and .reason */
  outcome: string | null;
  outcome_reason: string | null;
  state: MoneyState;
  /** When the running window ends; null when none runs. Indexed where not null. */
  window_ends_at: number | null;
  /** The conversion group as it was at the end of the call. */
  group_id: string | null;
  group_json: string | null;
  decided_at: number | null;
  revenue_micros: number;
  payout_micros: number;
  postback_value: string | null;
  late: number;
  duplicate: number;
  /** `seq` of the call's last ledger row, 0 for none: part of every compare-and-set. */
  ledger_seq: number;
}

/** One INVITE to one destination of a buyer. */
export interface AttemptRow {
  call_uuid: string;
  /** 1-based, in the order dialled. */
  seq: number;
  buyer_id: string;
  destination: string;
  invited_at: number;
  /** First 180 or 183. */
  ringing_at: number | null;
  answered_at: number | null;
  ended_at: number | null;
  sip_status: number | null;
  reason: string | null;
}

/** One `name:value` of a call. */
export interface TagRow {
  call_uuid: string;
  name: string;
  value: string;
  source: 'number' | 'publisher' | 'campaign' | 'postback' | 'carried' | 'answer' | 'system';
  added_at: number;
}

/** Append-only, by triggers too; a call's money is its last row (semantics §1). A dispute repeats the money there is. */
export interface LedgerRow {
  id: string;
  call_uuid: string;
  seq: number;
  at: number;
  kind: 'conversion' | 'correction' | 'dispute';
  actor: 'postback' | 'duration' | 'operator';
  group_id: string | null;
  posted_value: string | null;
  /** Place in the group's list of the trigger or step that decided. */
  rule_index: number | null;
  /** The modifier step by step, or the trigger or step that decided, for a person to read. */
  explanation: string;
  revenue_micros: number;
  payout_micros: number;
  currency: string;
  /** `seq` of the row this one corrects. */
  corrects_seq: number | null;
  /** Who did it and why, where the actor is an operator. */
  person: string | null;
  note: string | null;
}

/** Something that happened to a call; webhooks refer to it by `id`. */
export interface EventRow {
  id: string;
  call_uuid: string;
  type: string;
  at: number;
  data_json: string;
}

/**
 * What a postback came to: it moved `money`; it said the `same` again; it hung on `tags`; it is `waiting` for the end of the
 * call; or it arrived and converted `none`.
 */
export type PostbackEffect = 'money' | 'same' | 'tags' | 'waiting' | 'none';

/** Every authenticated postback, what it matched and what was answered. The key is never in it. */
export interface PostbackRow {
  id: string;
  call_uuid: string;
  at: number;
  kind: 'set_value' | 'add_tags';
  method: string;
  source_address: string;
  parameters_json: string;
  /** Query string and form body as they came: where triggers are looked for at the end of the call. */
  raw_text: string;
  status: string;
  reason: string | null;
  /** 1 while it waits for the end of the running call. */
  waits_for_end: number;
  /** Of its call: with `effect` and `id` the index of a campaign's log. */
  campaign_id: string;
  effect: PostbackEffect;
  http_status: number;
  /** The money that was answered, where the call had converted. */
  revenue_micros: number | null;
  payout_micros: number | null;
  /** The partner's postback URL it came by. */
  token_id: string | null;
}

/** A partner's postback URL (semantics §5). The token is derived from `id` and `generation`; it is stored nowhere. */
export interface PostbackTokenRow {
  id: string;
  campaign_id: string;
  group_id: string;
  buyer_id: string;
  name: string;
  /** How old a call may be that is told by its caller's number; 0: it must be told by uuid and key. */
  caller_within_days: number;
  /** Grows with each rotation. */
  generation: number;
  /** Until then the token of the generation before is still good. */
  previous_until: number;
  paused_at: number | null;
  created_at: number;
  changed_at: number;
}

/** A postback by a partner's URL that fitted no call. */
export interface StrayPostbackRow {
  id: string;
  campaign_id: string;
  token_id: string;
  at: number;
  method: string;
  source_address: string;
  parameters_json: string;
  http_status: number;
  reason: string;
}

/** `dead`: given up, or refused for good. */
export type DeliveryState = 'due' | 'delivered' | 'dead';

/** The outbox: a row first, HTTP later. */
export interface DeliveryRow {
  id: string;
  event_id: string;
  call_uuid: string;
  campaign_id: string;
  webhook_id: string;
  trigger: string;
  /** The Webhook as it was when the event happened (domain type). */
  webhook_json: string;
  /** Token values at the moment of the event, without `call_key`, which is derived when sending. */
  tokens_json: string;
  key_version: number;
  state: DeliveryState;
  tries: number;
  created_at: number;
  /** Next try, or the end of the lease while one is being made. Indexed where state = 'due'. */
  due_at: number;
  lease_owner: string | null;
  finished_at: number | null;
}

/** One HTTP request that was made for a delivery. */
export interface DeliveryTryRow {
  delivery_id: string;
  try_number: number;
  at: number;
  elapsed_ms: number;
  http_status: number | null;
  error: string | null;
  /** First bytes of the answer. */
  answer: string | null;
}

/** How a webhook's endpoint has been doing; a row exists once something has happened to it. */
export interface WebhookStateRow {
  webhook_id: string;
  /** First failed try since the last success. */
  failing_since: number | null;
  off_at: number | null;
  off_reason: 'gone' | 'failing' | null;
  /** Counts up from 1 with each rotation; the secret is derived from it. */
  secret_generation: number;
  /** Until then requests are signed with the secret before it too. */
  previous_secret_until: number;
}

/** What is left of a call that retention has removed: enough to answer 410 (semantics §3). */
export interface PurgedCallRow {
  uuid: string;
  purged_at: number;
}

/** A sign of life of each node, so that the end of the calls it left behind can be estimated. */
export interface NodeRow {
  id: string;
  alive_at: number;
}

/** Why a call went where it went (semantics §6): candidates and those skipped, with reasons (domain type). */
export interface RoutingRow {
  call_uuid: string;
  at: number;
  trace_json: string;
}

/** A line of a buyer in use by a call, from dial until the leg is gone (semantics §6). */
export interface HoldRow {
  buyer_id: string;
  call_uuid: string;
  node_id: string;
  held_at: number;
  /** 1 once the buyer has answered: from then on it is counted by `buyer_counts`. */
  connected: number;
}

/** How many connections or conversions a buyer had in a period [starts_at, ends_at); a row exists once a cap asked for it. */
export interface BuyerCountRow {
  buyer_id: string;
  counts: 'connections' | 'conversions';
  starts_at: number;
  ends_at: number;
  count: number;
}

/** What calls that are over came to; '' stands for no publisher and no buyer. Kept by a trigger (migration 0005). */
export interface CallTotalsRow extends CallSums {
  /** Epoch in quarters of an hour at which they started. */
  quarter: number;
  campaign_id: string;
  publisher_id: string;
  buyer_id: string;
  dialed_number: string;
}

/** The same by UTC day. */
export interface CallDayTotalsRow extends CallSums {
  /** Epoch in days. */
  day: number;
  campaign_id: string;
  publisher_id: string;
  buyer_id: string;
  dialed_number: string;
}

/** The same, of all calls together. */
export interface CallQuarterTotalsRow extends CallSums {
  quarter: number;
}

export interface CallSums {
  calls: number;
  connected: number;
  connected_ms: number;
  converted: number;
  revenue_micros: number;
  payout_micros: number;
}
