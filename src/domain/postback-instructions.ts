import type { Campaign } from './account.ts';
import type { Buyer } from './buyer.ts';
import type { PostedRevenueGroup, TriggerGroup } from './conversion-group.ts';

/** One way to report, ready to be copied. */
export interface PostbackExample {
  readonly title: string;
  readonly method: 'POST';
  readonly url: string;
  readonly curl: string;
}

/** What a partner needs to report sales (semantics §5). No amounts: what others are paid is not its business. */
export interface PostbackInstructions {
  readonly campaign: string;
  readonly group: string;
  readonly buyer: string;
  readonly reports: string;
  readonly sipHeaders: readonly { readonly name: string; readonly holds: string }[];
  readonly placeholders: readonly { readonly name: string; readonly holds: string }[];
  readonly methods: readonly string[];
  readonly examples: readonly PostbackExample[];
  readonly windowSeconds: number;
  readonly answers: readonly { readonly status: number; readonly body: string; readonly means: string }[];
}

export interface InstructionFacts {
  /** `https://bridge.example`, without a slash at its end. */
  readonly baseUrl: string;
  readonly campaign: Campaign;
  readonly group: PostedRevenueGroup | TriggerGroup;
  readonly buyer: Buyer;
  /** The partner's own URL, where there is one. */
  readonly token: { readonly text: string; readonly callerWithinDays: number } | undefined;
}

export function postbackInstructions(facts: InstructionFacts): PostbackInstructions {
  const { campaign, group, buyer } = facts;
  return {
    campaign: campaign.name,
    group: group.name,
    buyer: buyer.name,
    reports:
      group.kind === 'posted_revenue'
        ? 'Send the revenue of each sale as a plain decimal: 10.00, no currency sign, no thousands separator, at most 4 decimals.'
        : `Send ${listed(group.triggers.map(({ text }) => `"${text}"`))} exactly as written here: capital letters count.`,
    sipHeaders: [
      { name: 'X-PH-RetreaverUUID', holds: 'the call UUID, in the INVITE of each call' },
      { name: 'X-PH-RetreaverKey', holds: 'the call key: keep it secret, it lets its holder report a sale' },
    ],
    placeholders: placeholdersOf(facts),
    methods: campaign.postOnly ? ['POST'] : ['POST', 'GET', 'HEAD'],
    examples: examplesOf(facts),
    windowSeconds: group.postbackTimeoutSeconds,
    answers: ANSWERS,
  };
}

function listed(texts: readonly string[]): string {
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`;
}

function placeholdersOf({ group, token }: InstructionFacts) {
  const known = [
    { name: 'CALL_UUID', holds: 'X-PH-RetreaverUUID of the call' },
    { name: 'CALL_KEY', holds: 'X-PH-RetreaverKey of the call' },
  ];
  if (group.kind === 'posted_revenue') known.push({ name: '10.00', holds: 'the revenue of the sale' });
  if (token !== undefined && token.callerWithinDays > 0) {
    known.push({ name: 'CALLER_NUMBER', holds: "the caller's number with its country code, like +14155550123" });
  }
  return known;
}

/** By POST, which every campaign takes; the other methods want the same URL. */
function examplesOf({ baseUrl, group, token }: InstructionFacts): PostbackExample[] {
  const posted = group.kind === 'posted_revenue' ? ['revenue=10.00'] : group.triggers.map(({ text }) => encoded(text));
  const ways = [];
  if (token !== undefined) {
    const own = `${baseUrl}/postbacks/${token.text}`;
    ways.push({ title: 'Your own URL, with uuid and key', start: `${own}?call_uuid=CALL_UUID&key=CALL_KEY` });
    if (token.callerWithinDays > 0) {
      const title = `Your own URL, with the caller's number (the newest call of the last ${token.callerWithinDays} days)`;
      ways.push({ title, start: `${own}?caller_number=CALLER_NUMBER` });
    }
  }
  ways.push({ title: 'The URL of the call', start: `${baseUrl}/calls/CALL_UUID/set_value?key=CALL_KEY` });
  return ways.flatMap(({ title, start }) => posted.map((query) => exampleOf(title, `${start}&${query}`)));
}

/** The name before the first `=` stays a name. */
function encoded(trigger: string): string {
  return trigger.split('=').map(encodeURIComponent).join('=');
}

function exampleOf(title: string, url: string): PostbackExample {
  return { title, method: 'POST', url, curl: `curl -X POST ${shellQuoted(url)}` };
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

const ANSWERS: PostbackInstructions['answers'] = [
  { status: 200, body: '"status":"converted"', means: 'the sale is on record' },
  {
    status: 200,
    body: '"status":"recorded"',
    means: 'kept; it counts at the end of the call, or not at all: "reason" says why',
  },
  { status: 200, body: '"status":"unchanged"', means: 'the same was reported before: nothing to do' },
  { status: 200, body: '"status":"corrected"', means: 'another value than before: the new one counts' },
  { status: 200, body: '"status":"duplicate"', means: 'this caller has converted already within the agreed time' },
  { status: 401, body: '"code":"key_missing"', means: 'the key was not sent' },
  { status: 403, body: '"code":"key_refused"', means: 'wrong key, UUID or URL' },
  { status: 404, body: '"code":"call_unknown"', means: 'by caller number: no such call' },
  { status: 422, body: '"code":"postback_refused"', means: 'the revenue cannot be read: "detail" says why' },
  { status: 429, body: '"code":"too_many_requests"', means: 'wait as long as Retry-After says, then send again' },
  { status: 503, body: '', means: 'nothing was changed: send again' },
];
