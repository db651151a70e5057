import { formatMoney } from '../domain/money.ts';
import type { MoneyState } from '../store/tables.ts';
import type { AuditedCall, AuditedLedgerRow, Finding } from './audited-call.ts';

/** Each rule by its name: what is wrong with this call, or undefined. */
const CHECKS: Readonly<Record<string, (call: AuditedCall) => string | undefined>> = {
  ledger_holes: ({ ledger }) => {
    const wrong = ledger.find(({ seq }, index) => seq !== index + 1);
    return wrong && `row ${wrong.seq} stands where row ${ledger.indexOf(wrong) + 1} should`;
  },
  ledger_seq: ({ ledger, ledger_seq: told }) =>
    told === ledger.length ? undefined : `the call says ${told} ledger rows, there are ${ledger.length}`,
  money: (call) => {
    const last = call.ledger.at(-1) ?? NOTHING;
    return sameMoney(call, last) ? undefined : `the call says ${money(call)}, its last ledger row ${money(last)}`;
  },
  negative: (call) => {
    const wrong = [call, ...call.ledger].find((row) => row.revenue_micros < 0 || row.payout_micros < 0);
    return wrong && `money below zero: ${money(wrong)}`;
  },
  row_kinds: ({ ledger }) => wrongKind(ledger),
  currency: ({ ledger }) =>
    new Set(ledger.map(({ currency }) => currency)).size > 1 ? 'its rows are of several currencies' : undefined,
  events: ({ events }) => {
    const twice = Object.entries(events).find(([, count]) => count > 1);
    return twice && `${twice[1]} events ${twice[0]}`;
  },
  state: (call) => {
    const problem = STATES[call.state](call);
    return problem && `${call.state}, but ${problem}`;
  },
};

const NOTHING = { revenue_micros: 0, payout_micros: 0 };

/** Everything about one call that does not add up. */
export function checkCall(call: AuditedCall): Finding[] {
  return Object.entries(CHECKS).flatMap(([check, find]) => {
    const what = find(call);
    return what === undefined ? [] : [{ callUuid: call.uuid, check, what }];
  });
}

type Money = Pick<AuditedLedgerRow, 'revenue_micros' | 'payout_micros'>;

function sameMoney(a: Money, b: Money): boolean {
  return a.revenue_micros === b.revenue_micros && a.payout_micros === b.payout_micros;
}

function money({ revenue_micros, payout_micros }: Money): string {
  return `${formatMoney(revenue_micros)}/${formatMoney(payout_micros)}`;
}

/** One conversion first, then corrections of the money row before; a dispute repeats what there is. */
function wrongKind(ledger: readonly AuditedLedgerRow[]): string | undefined {
  let before: AuditedLedgerRow | undefined;
  for (const row of ledger) {
    if (row.kind === 'dispute') {
      if (!sameMoney(row, before ?? NOTHING)) return `dispute ${row.seq} moves money`;
      continue;
    }
    if ((row.kind === 'correction') !== (before !== undefined)) return `row ${row.seq} is a ${row.kind} out of place`;
    if (row.corrects_seq !== (before?.seq ?? null)) return `row ${row.seq} says it corrects row ${row.corrects_seq}`;
    before = row;
  }
  return undefined;
}

/** What must hold in each state of the money (semantics §1). */
const STATES: Readonly<Record<MoneyState, (call: AuditedCall) => string | undefined>> = {
  open: (call) => (call.ended_at !== null ? 'it has ended' : undecided(call)),
  pending: (call) => {
    if (call.ended_at === null || call.events.ended === 0) return 'it has not ended';
    return call.window_ends_at === null ? 'no window runs' : undecided(call);
  },
  converted: (call) => {
    if (call.events.converted === 0) return 'there is no event converted';
    if (!call.ledger.some(({ kind }) => kind === 'conversion')) return 'its ledger has no conversion';
    if (call.answered_at === null) return 'nobody answered it';
    if ((call.late === 1) !== (call.events.not_converted === 1)) return 'late and the event not_converted disagree';
    return decided(call);
  },
  not_converted: (call) => {
    if (call.events.not_converted === 0) return 'there is no event not_converted';
    if (call.events.converted > 0) return 'there is an event converted';
    if (call.ledger.some(({ kind }) => kind !== 'dispute')) return 'its ledger has money';
    return decided(call);
  },
};

function undecided({ events, decided_at, ledger }: AuditedCall): string | undefined {
  if (decided_at !== null || events.converted + events.not_converted > 0) return 'it is decided';
  return ledger.some(({ kind }) => kind !== 'dispute') ? 'its ledger has money' : undefined;
}

function decided({ decided_at, window_ends_at, ended_at }: AuditedCall): string | undefined {
  if (decided_at === null) return 'it has no time of decision';
  if (ended_at === null) return 'it has not ended';
  return window_ends_at === null ? undefined : 'a window still runs';
}
