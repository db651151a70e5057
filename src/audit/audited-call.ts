import type { CallRow, LedgerRow } from '../store/tables.ts';

/** What the audit reads of a call. */
export interface AuditedCall
  extends Pick<
    CallRow,
    | 'uuid'
    | 'started_at'
    | 'answered_at'
    | 'ended_at'
    | 'state'
    | 'window_ends_at'
    | 'decided_at'
    | 'revenue_micros'
    | 'payout_micros'
    | 'late'
    | 'ledger_seq'
  > {
  /** How many events of each kind that may happen once. */
  readonly events: Readonly<Record<'ended' | 'converted' | 'not_converted', number>>;
  /** Oldest first. */
  readonly ledger: readonly AuditedLedgerRow[];
}

export type AuditedLedgerRow = Pick<
  LedgerRow,
  'seq' | 'kind' | 'revenue_micros' | 'payout_micros' | 'currency' | 'corrects_seq'
>;

/** Something that does not add up. */
export interface Finding {
  readonly callUuid: string;
  readonly check: string;
  readonly what: string;
}
