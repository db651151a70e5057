import { formatMoney } from '../domain/money.ts';
import type { CallRow } from '../store/tables.ts';

/** What became of a postback, as the buyer reads it (semantics §3). */
export type PostbackStatus =
  | 'converted'
  | 'recorded'
  | 'unchanged'
  | 'corrected'
  | 'duplicate'
  | 'tagged'
  | 'ignored'
  | 'refused';

/** JSON body of the answer; names as the outside world reads them. */
export interface PostbackBody {
  readonly call_uuid: string;
  readonly status: PostbackStatus;
  /** Readable; always there with `recorded`, `duplicate` and `refused`. */
  readonly reason?: string;
  /** Decimal text such as `10.00`, where the call has converted. */
  readonly revenue?: string;
  readonly payout?: string;
  /** add_tags: `name:value` pairs that are new, and the names of parameters that were not taken. */
  readonly added?: readonly string[];
  readonly ignored?: readonly string[];
}

/** A value, not an error, even when refused: the postback's row in the log is committed with it. */
export interface PostbackAnswer {
  readonly httpStatus: number;
  readonly body: PostbackBody;
  /** Deliveries that now wait to be sent. */
  readonly enqueued: number;
}

/** A 200 with the call's money as it is now. */
export function accepted(
  call: CallRow,
  { status, reason, enqueued = 0 }: { status: PostbackStatus; reason?: string | undefined; enqueued?: number },
): PostbackAnswer {
  const money =
    call.state === 'converted'
      ? { revenue: formatMoney(call.revenue_micros), payout: formatMoney(call.payout_micros) }
      : {};
  const body = { call_uuid: call.uuid, status, ...(reason === undefined ? {} : { reason }), ...money };
  return { httpStatus: 200, body, enqueued };
}

/** An answer that changed nothing. */
export function refused(uuid: string, httpStatus: PostbackAnswer['httpStatus'], reason: string): PostbackAnswer {
  return { httpStatus, body: { call_uuid: uuid, status: 'refused', reason }, enqueued: 0 };
}
