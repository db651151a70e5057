import { POSTBACK_TIMEOUT_SECONDS } from './account-file.ts';

/** One call of the demo and what must come of it. */
export interface DemoScene {
  readonly title: string;
  /** Buyers that refuse the call. */
  readonly busy: readonly string[];
  readonly talkMs: number;
  readonly hangsUp: 'caller' | 'buyer';
  /** What the buyer reports over HTTP, and how long after the end of the call. */
  readonly postback?: { readonly query: string; readonly afterMs: number };
  readonly expected: ExpectedCall;
}

export interface ExpectedCall {
  readonly buyer: string;
  readonly state: 'converted' | 'not_converted';
  readonly revenue: string;
  readonly payout: string;
  readonly late: boolean;
  readonly webhooks: readonly string[];
}

const AFTER_THE_WINDOW_MS = POSTBACK_TIMEOUT_SECONDS * 1000 + 2500;

export const SCENES: readonly DemoScene[] = [
  {
    title: 'Call 1: Acme takes it and reports a sale of 10.00, of which the publisher gets *0.8',
    busy: [],
    talkMs: 1200,
    hangsUp: 'caller',
    postback: { query: 'revenue=10.00', afterMs: 300 },
    expected: {
      buyer: 'acme',
      state: 'converted',
      revenue: '10.00',
      payout: '8.00',
      late: false,
      webhooks: ['answered', 'converted', 'ended'],
    },
  },
  {
    title: 'Call 2: Acme is busy, Bestco takes it and reports sale=true, worth 50.00',
    busy: ['acme'],
    talkMs: 900,
    hangsUp: 'buyer',
    postback: { query: 'sale=true', afterMs: 300 },
    expected: {
      buyer: 'bestco',
      state: 'converted',
      revenue: '50.00',
      payout: '30.00',
      late: false,
      webhooks: ['answered', 'converted', 'ended'],
    },
  },
  {
    title: `Call 3: Acme takes it and never reports a sale; its window of ${POSTBACK_TIMEOUT_SECONDS} s will run out`,
    busy: [],
    talkMs: 700,
    hangsUp: 'caller',
    expected: {
      buyer: 'acme',
      state: 'not_converted',
      revenue: '0.00',
      payout: '0.00',
      late: false,
      webhooks: ['answered', 'ended', 'not_converted'],
    },
  },
  {
    title: 'Call 4: Acme takes it and reports a sale of 25.00 when its window is over: late, but paid',
    busy: [],
    talkMs: 700,
    hangsUp: 'buyer',
    postback: { query: 'revenue=25.00', afterMs: AFTER_THE_WINDOW_MS },
    expected: {
      buyer: 'acme',
      state: 'converted',
      revenue: '25.00',
      payout: '20.00',
      late: true,
      webhooks: ['answered', 'converted', 'ended', 'not_converted'],
    },
  },
];
