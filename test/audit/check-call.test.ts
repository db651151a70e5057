import { describe, expect, it } from 'vitest';
import type { AuditedCall, AuditedLedgerRow } from '../../src/audit/audited-call.ts';
import { checkCall } from '../../src/audit/check-call.ts';

const ROW: AuditedLedgerRow = {
  seq: 1,
  kind: 'conversion',
  revenue_micros: 10_000_000,
  payout_micros: 8_000_000,
  currency: 'USD',
  corrects_seq: null,
};
const CORRECTION: AuditedLedgerRow = {
  ...ROW,
  seq: 2,
  kind: 'correction',
  revenue_micros: 12_000_000,
  corrects_seq: 1,
};
const CONVERTED: AuditedCall = {
  uuid: '0193a5b2-7c4e-7d1a-9f3e-2b8c6d4e5f60',
  started_at: 1,
  answered_at: 2,
  ended_at: 3,
  state: 'converted',
  window_ends_at: null,
  decided_at: 4,
  revenue_micros: 10_000_000,
  payout_micros: 8_000_000,
  late: 0,
  ledger_seq: 1,
  events: { ended: 1, converted: 1, not_converted: 0 },
  ledger: [ROW],
};
const DECLINED: AuditedCall = {
  ...CONVERTED,
  state: 'not_converted',
  revenue_micros: 0,
  payout_micros: 0,
  ledger_seq: 0,
  ledger: [],
  events: { ended: 1, converted: 0, not_converted: 1 },
};
const PENDING: AuditedCall = {
  ...DECLINED,
  state: 'pending',
  decided_at: null,
  window_ends_at: 9,
  events: { ended: 1, converted: 0, not_converted: 0 },
};
const OPEN: AuditedCall = {
  ...PENDING,
  state: 'open',
  ended_at: null,
  window_ends_at: null,
  events: { ended: 0, converted: 0, not_converted: 0 },
};
const CORRECTED: AuditedCall = { ...CONVERTED, revenue_micros: 12_000_000, ledger_seq: 2, ledger: [ROW, CORRECTION] };
const DISPUTE: AuditedLedgerRow = { ...ROW, seq: 2, kind: 'dispute' };

describe('what adds up', () => {
  it.each([
    ['converted', CONVERTED],
    ['converted late', { ...CONVERTED, late: 1, events: { ended: 1, converted: 1, not_converted: 1 } }],
    ['corrected', CORRECTED],
    ['disputed', { ...CONVERTED, ledger_seq: 2, ledger: [ROW, DISPUTE] }],
    [
      'disputed without money',
      { ...DECLINED, ledger_seq: 1, ledger: [{ ...DISPUTE, seq: 1, revenue_micros: 0, payout_micros: 0 }] },
    ],
    ['not converted', DECLINED],
    ['pending', PENDING],
    ['open', OPEN],
  ])('%s', (_, call) => expect(checkCall(call)).toEqual([]));
});

describe('what does not', () => {
  it.each<[string, AuditedCall, string]>([
    ['a hole', { ...CORRECTED, ledger: [ROW, { ...CORRECTION, seq: 3 }] }, 'ledger_holes'],
    ['a row more than the call says', { ...CORRECTED, ledger_seq: 1 }, 'ledger_seq'],
    ['other money than the last row', { ...CONVERTED, payout_micros: 8_000_001 }, 'money'],
    ['money without a row', { ...DECLINED, revenue_micros: 1 }, 'money'],
    ['money below zero', { ...CONVERTED, payout_micros: -1, ledger: [{ ...ROW, payout_micros: -1 }] }, 'negative'],
    [
      'two conversions in the ledger',
      { ...CORRECTED, ledger: [ROW, { ...CORRECTION, kind: 'conversion', corrects_seq: null }] },
      'row_kinds',
    ],
    ['a correction of nothing', { ...CONVERTED, ledger: [{ ...ROW, kind: 'correction' }] }, 'row_kinds'],
    ['a correction of another row', { ...CORRECTED, ledger: [ROW, { ...CORRECTION, corrects_seq: 2 }] }, 'row_kinds'],
    ['a dispute that moves money', { ...CORRECTED, ledger: [ROW, { ...CORRECTION, kind: 'dispute' }] }, 'row_kinds'],
    ['two currencies', { ...CORRECTED, ledger: [ROW, { ...CORRECTION, currency: 'EUR' }] }, 'currency'],
    ['two events converted', { ...CONVERTED, events: { ...CONVERTED.events, converted: 2 } }, 'events'],
    ['two events not_converted', { ...DECLINED, events: { ...DECLINED.events, not_converted: 2 } }, 'events'],
    ['converted without its event', { ...CONVERTED, events: { ...CONVERTED.events, converted: 0 } }, 'state'],
    ['converted, never answered', { ...CONVERTED, answered_at: null }, 'state'],
    ['converted in a running window', { ...CONVERTED, window_ends_at: 9 }, 'state'],
    ['late without not_converted', { ...CONVERTED, late: 1 }, 'state'],
    ['not converted without its event', { ...DECLINED, events: { ...DECLINED.events, not_converted: 0 } }, 'state'],
    ['not converted with the event converted', { ...DECLINED, events: { ...DECLINED.events, converted: 1 } }, 'state'],
    ['not converted at no time', { ...DECLINED, decided_at: null }, 'state'],
    ['pending without a window', { ...PENDING, window_ends_at: null }, 'state'],
    ['pending, decided', { ...PENDING, decided_at: 4 }, 'state'],
    ['open, ended', { ...OPEN, ended_at: 3 }, 'state'],
  ])('%s', (_, call, check) => expect(checkCall(call).map((finding) => finding.check)).toContain(check));
});
