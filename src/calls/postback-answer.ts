/** What became of a postback, as the buyer reads it (semantics §3). */
export type PostbackStatus = 'converted' | 'recorded' | 'unchanged' | 'corrected' | 'duplicate' | 'tagged' | 'refused';

export interface PostbackBody {
  readonly call_uuid: string;
  readonly status: PostbackStatus;
  /** Readable; always there with `recorded` and `refused`. */
  readonly reason?: string;
  /** Decimal text such as `10.00`, where the call has money. */
  readonly revenue?: string;
  readonly payout?: string;
  /** add_tags: `name:value` pairs that are new, and the parameters that were not taken. */
  readonly added?: readonly string[];
  readonly ignored?: readonly string[];
}

/** A value, not an error, even when refused: the postback's row in the log is committed with it. */
export interface PostbackAnswer {
  readonly httpStatus: 200 | 400 | 403 | 405 | 410 | 422;
  readonly body: PostbackBody;
  /** Deliveries that now wait to be sent. */
  readonly enqueued: number;
}
