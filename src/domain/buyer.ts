import type { CallerId, Destination } from './destination.ts';

/** Who takes calls and pays the revenue. */
export interface Buyer {
  readonly id: string;
  readonly name: string;
  /** Ways to the same people, tried in order on transport failure (semantics §6). */
  readonly destinations: readonly Destination[];
  readonly ringTimeoutSeconds: number;
  readonly paused: boolean;
  /** IANA name, e.g. `America/New_York`: for opening hours and for caps per hour, day and month. */
  readonly timeZone: string;
  /** When it takes calls; empty: always. */
  readonly openingHours: readonly OpeningHours[];
  readonly caps: readonly Cap[];
  readonly duplicateRule: DuplicateRule | undefined;
  readonly callerId: CallerId;
  readonly transfers: TransferRule;
  /** A conversation is ended by us after so long. */
  readonly maxDurationSeconds: number | undefined;
}

/** ISO 8601: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A block of wall-clock time on some weekdays; one that ends at or before its start goes on over midnight. */
export interface OpeningHours {
  /** The days on which the block starts. */
  readonly days: readonly Weekday[];
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes since midnight, exclusive, 1 to 1440. */
  readonly toMinute: number;
}

export const CAP_PERIODS = ['concurrent', 'hour', 'day', 'month', 'total'] as const;
export type CapPeriod = (typeof CAP_PERIODS)[number];

/** The most calls a buyer takes. */
export interface Cap {
  readonly per: CapPeriod;
  readonly limit: number;
  /** What counts; concurrent calls count from dial to end whatever stands here. */
  readonly counts: 'connections' | 'conversions';
}

/** A caller who already did this with this buyer is not sent to it again. */
export interface DuplicateRule {
  readonly after: 'connected' | 'converted';
  readonly withinDays: number;
}

/** Which REFERs of the buyer are carried out (RFC 3515); none by default. */
export interface TransferRule {
  readonly blind: boolean;
  readonly attended: boolean;
  /** Hosts calls may be transferred to, beside those of the buyer's own destinations. */
  readonly hosts: readonly string[];
}
