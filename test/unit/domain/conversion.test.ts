import { describe, expect, it } from 'vitest';
import { chooseGroup, judgeCorrection, judgeDuration, judgePosted, windowMs } from '../../../src/domain/conversion.ts';
import type { DurationGroup, PostedRevenueGroup, TriggerGroup } from '../../../src/domain/conversion-group.ts';
import { type PostedData, readPostedData } from '../../../src/domain/posted-data.ts';
import { parseTagMatch, tagValues } from '../../../src/domain/tag-match.ts';

const base = { id: 'g', name: 'G', matches: [], dedupeSeconds: 0 };
const DURATION: DurationGroup = {
  ...base,
  kind: 'duration',
  steps: [
    { seconds: 300, revenue: '40', payout: '20' },
    { seconds: 90, revenue: '20', payout: '10' },
  ],
};
const REVENUE: PostedRevenueGroup = {
  ...base,
  kind: 'posted_revenue',
  postbackTimeoutSeconds: 600,
  payoutModifier: '+2*0.5',
  zeroCounts: false,
};
const TRIGGER: TriggerGroup = {
  ...base,
  kind: 'trigger',
  postbackTimeoutSeconds: 60,
  triggers: ['gold', 'silver', 'bronze'].map((text) => ({ text, mode: 'substring', revenue: '9', payout: '8' })),
};

const posted = (query: string): PostedData => readPostedData([...new URLSearchParams(query)], query);

describe('choice of the group (semantics §4)', () => {
  const ny = { ...REVENUE, id: 'ny', matches: [parseTagMatch('state==NY')] };
  it('takes the first that fits, in order, or none', () => {
    const groups = [ny, TRIGGER, DURATION];
    expect(chooseGroup(groups, tagValues([{ name: 'state', value: 'NY' }]))).toBe(ny);
    expect(chooseGroup(groups, tagValues([]))).toBe(TRIGGER);
    expect(chooseGroup([ny], tagValues([]))).toBeUndefined();
  });

  it('a duration has no window', () => {
    expect([DURATION, REVENUE, TRIGGER].map(windowMs)).toEqual([0, 600_000, 60_000]);
  });
});

describe('duration (semantics §4)', () => {
  it.each([
    [0, undefined],
    [89_999, undefined],
    [90_000, 20],
    [299_999, 20],
    [300_000, 40],
    [9_000_000, 40],
  ])('%i ms connected → %s', (connectedMs, revenue) => {
    const verdict = judgeDuration(DURATION, connectedMs);
    if (revenue === undefined) expect(verdict.kind).toBe('none');
    else expect(verdict).toMatchObject({ kind: 'conversion', revenueMicros: revenue * 1e6 });
  });
});

describe('postbacks before the decision (semantics §5)', () => {
  it.each([
    ['revenue', REVENUE, ['revenue=10'], 6],
    ['the last revenue counts', REVENUE, ['revenue=10', 'x=1', 'revenue=20'], 11],
    ['no revenue', REVENUE, ['sale=true'], undefined],
    ['zero', REVENUE, ['revenue=0'], undefined],
    ['zero takes an earlier sale back', REVENUE, ['revenue=10', 'revenue=0'], undefined],
    ['zero that counts', { ...REVENUE, zeroCounts: true }, ['revenue=0'], 1],
    ['trigger', TRIGGER, ['x=silver'], 8],
    ['no trigger', TRIGGER, ['revenue=10'], undefined],
    ['nothing', TRIGGER, [], undefined],
    ['a duration is not moved', DURATION, ['revenue=10&gold'], undefined],
  ] as [string, typeof REVENUE, string[], number | undefined][])('%s', (_, group, queries, payout) => {
    const verdict = judgePosted(group, queries.map(posted));
    if (payout === undefined) expect(verdict.kind).toBe('none');
    else expect(verdict).toMatchObject({ kind: 'conversion', payoutMicros: payout * 1e6 });
  });

  it('the trigger standing first in the list wins over the one that came first', () => {
    expect(judgePosted(TRIGGER, [posted('x=bronze'), posted('x=silver')])).toMatchObject({ ruleIndex: 1 });
  });
});

describe('postbacks after a conversion (semantics §3, §5)', () => {
  const decided = { revenueMicros: 10e6, ruleIndex: 1 };
  it.each([
    ['the same revenue', REVENUE, 'revenue=10.00', 'unchanged'],
    ['another revenue', REVENUE, 'revenue=10.01', 'conversion'],
    ['no revenue', REVENUE, 'a=1', 'none'],
    ['the same trigger', TRIGGER, 'x=silver', 'unchanged'],
    ['an earlier trigger', TRIGGER, 'x=gold', 'conversion'],
    ['a later trigger', TRIGGER, 'x=bronze', 'none'],
    ['no trigger', TRIGGER, 'a=1', 'none'],
    ['a duration', DURATION, 'revenue=10', 'none'],
  ] as [string, typeof REVENUE, string, string][])('%s → %s', (_, group, query, kind) => {
    expect(judgeCorrection(group, decided, posted(query)).kind).toBe(kind);
  });

  it('0 leaves nothing to pay, even where the modifier would add something', () => {
    expect(judgeCorrection(REVENUE, decided, posted('revenue=0'))).toMatchObject({ revenueMicros: 0, payoutMicros: 0 });
  });
});
