/** How a token's text is to be read: decides its JSON type in the standard body. */
export type TokenKind = 'text' | 'number' | 'flag';

/** The fixed names of semantics §8. `call_key` is one too, but its value is never stored: it is derived when sending. */
export const FIXED_TOKENS = {
  event_id: 'text',
  event_time: 'text',
  event_time_unix: 'number',
  call_uuid: 'text',
  caller_number: 'text',
  dialed_number: 'text',
  campaign_id: 'text',
  campaign_name: 'text',
  publisher_id: 'text',
  publisher_name: 'text',
  buyer_id: 'text',
  buyer_name: 'text',
  system_buyer_id: 'text',
  system_publisher_id: 'text',
  system_campaign_id: 'text',
  start_time: 'text',
  start_time_unix: 'number',
  answer_time: 'text',
  answer_time_unix: 'number',
  end_time: 'text',
  end_time_unix: 'number',
  connected_seconds: 'number',
  total_seconds: 'number',
  ring_seconds: 'number',
  hung_up_by: 'text',
  sip_status: 'number',
  status: 'text',
  converted: 'flag',
  revenue: 'text',
  payout: 'text',
  postback_value: 'text',
  duplicate: 'flag',
  repeat: 'flag',
  late: 'flag',
  conversion_group: 'text',
} as const satisfies Record<string, TokenKind>;

export type FixedToken = keyof typeof FIXED_TOKENS;

/** Only for webhooks marked `trusted`. */
export const CALL_KEY_TOKEN = 'call_key';

/** Token values as text at the moment of an event, and the call's tags beside them; plain JSON, kept in the delivery row. */
export interface TokenSnapshot {
  readonly values: Readonly<Partial<Record<FixedToken, string>>>;
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** ISO 4217, of revenue and payout. */
  readonly currency: string;
}

export function isFixedToken(name: string): name is FixedToken {
  return Object.hasOwn(FIXED_TOKENS, name);
}

/** The fixed name, then the tag of that name (several values joined by commas), else empty (semantics §8). */
export function tokenValue(name: string, snapshot: TokenSnapshot, callKey?: string): string {
  if (name === CALL_KEY_TOKEN) return callKey ?? '';
  if (isFixedToken(name)) return snapshot.values[name] ?? '';
  return Object.hasOwn(snapshot.tags, name) ? (snapshot.tags[name] ?? []).join(',') : '';
}
