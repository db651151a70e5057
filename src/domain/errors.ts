/** What went wrong, in the words the HTTP edge answers with. `Unavailable` may be tried again. */
export type ErrorKind = 'InvalidInput' | 'NotAllowed' | 'NotFound' | 'Conflict' | 'Unavailable';

/** Status of each kind; a missing key is 401 by the edge's own rule. */
export const HTTP_STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  InvalidInput: 422,
  NotAllowed: 403,
  NotFound: 404,
  Conflict: 409,
  Unavailable: 503,
};

/** Every code with its kind: one catalogue, so that documentation and tests can list them. */
export const ERROR_CODES = {
  account_in_file: 'Conflict',
  account_missing: 'Unavailable',
  account_moved: 'Conflict',
  amount_invalid: 'InvalidInput',
  api_token_unknown: 'NotFound',
  buyer_unknown: 'InvalidInput',
  call_contended: 'Unavailable',
  call_not_billable: 'Conflict',
  call_running: 'Conflict',
  call_unknown: 'NotFound',
  campaign_unknown: 'NotFound',
  data_folder_unusable: 'Unavailable',
  group_unknown: 'InvalidInput',
  key_version_unknown: 'NotAllowed',
  ledger_moved: 'Conflict',
  money_unchanged: 'Conflict',
  number_invalid: 'InvalidInput',
  number_unknown: 'InvalidInput',
  payout_modifier_invalid: 'InvalidInput',
  postback_token_unknown: 'NotFound',
  postback_token_worn_out: 'Conflict',
  publisher_unknown: 'InvalidInput',
  revenue_ambiguous: 'InvalidInput',
  revenue_invalid: 'InvalidInput',
  scope_beyond_role: 'InvalidInput',
  secret_too_short: 'InvalidInput',
  sip_server_refused: 'Unavailable',
  store_closed: 'Unavailable',
  store_commit_failed: 'Unavailable',
  store_failed: 'Unavailable',
  store_file_unusable: 'Unavailable',
  store_overloaded: 'Unavailable',
  store_unavailable: 'Unavailable',
  tag_invalid: 'InvalidInput',
  tag_match_invalid: 'InvalidInput',
  time_invalid: 'InvalidInput',
  time_zone_invalid: 'InvalidInput',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** A failure that knows its meaning: stable code, readable message, cause (style §3.3). */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
    this.kind = ERROR_CODES[code];
  }
}
