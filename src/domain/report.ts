import { IANAZone } from 'luxon';
import { MINUTE_MS, MINUTES_PER_DAY } from './zone-clock.ts';

const DAY_MS = MINUTES_PER_DAY * MINUTE_MS;

/** What a report adds up by. */
export const REPORT_KEYS = ['campaign', 'publisher', 'buyer', 'number', 'day', 'hour'] as const;
export type ReportKey = (typeof REPORT_KEYS)[number];

/** Totals are kept by quarter of an hour: all zones are a whole number of them apart. */
export const QUARTER_MS = 15 * MINUTE_MS;

/** Calls that are over, by the time they started. */
export interface Totals {
  readonly calls: number;
  readonly connected: number;
  readonly connectedMs: number;
  readonly converted: number;
  readonly revenueMicros: number;
  readonly payoutMicros: number;
}

export interface ReportRow extends Totals {
  /** An id, a number, `2026-03-01` or `2026-03-01T14:00`; '' for none, such as calls nobody took. */
  readonly key: string;
}

/** What a zone's clocks show in a period, read once a day and not once a quarter: asking for an offset takes long. */
export class PeriodClock {
  readonly #zone: IANAZone;
  readonly #firstDay: number;
  /** At the beginning of each UTC day, and of the one after the last. */
  readonly #offsets: readonly number[];

  constructor(zone: string, from: number, to: number) {
    this.#zone = IANAZone.create(zone);
    this.#firstDay = Math.floor(from / DAY_MS);
    const days = Math.ceil(to / DAY_MS) - this.#firstDay + 1;
    this.#offsets = Array.from({ length: days + 1 }, (_, day) => this.#zone.offset((this.#firstDay + day) * DAY_MS));
  }

  /** Whole hours from UTC all the time: then hours can be added up instead of quarters. */
  get isWhole(): boolean {
    return this.#offsets.every((offset) => offset % 60 === 0);
  }

  /** The minute since 1970 that the wall shows. */
  wallMinute(at: number): number {
    const day = Math.floor(at / DAY_MS) - this.#firstDay;
    const [before, after] = [this.#offsets[day], this.#offsets[day + 1]];
    const offset = before !== undefined && before === after ? before : this.#zone.offset(at);
    return Math.floor(at / MINUTE_MS) + offset;
  }
}

/** Adds up by day or hour as the clocks show them; hours that come twice are one. `at`: epoch ms. */
export function byClock(
  parts: readonly (Totals & { readonly at: number })[],
  unit: 'day' | 'hour',
  clock: PeriodClock,
): ReportRow[] {
  const rows = new Map<string, ReportRow>();
  for (const { at, ...totals } of parts) {
    const wall = clock.wallMinute(at);
    const key = unit === 'day' ? dayOf(wall) : `${dayOf(wall)}T${hourOf(wall)}:00`;
    const before = rows.get(key);
    rows.set(key, before === undefined ? { key, ...totals } : { key, ...sum(before, totals) });
  }
  return [...rows.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

function sum(one: Totals, other: Totals): Totals {
  return {
    calls: one.calls + other.calls,
    connected: one.connected + other.connected,
    connectedMs: one.connectedMs + other.connectedMs,
    converted: one.converted + other.converted,
    revenueMicros: one.revenueMicros + other.revenueMicros,
    payoutMicros: one.payoutMicros + other.payoutMicros,
  };
}

function dayOf(wallMinute: number): string {
  return new Date(wallMinute * MINUTE_MS).toISOString().slice(0, 10);
}

function hourOf(wallMinute: number): string {
  return String(Math.floor((wallMinute % MINUTES_PER_DAY) / 60)).padStart(2, '0');
}
