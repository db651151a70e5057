/** Compact forms and their registrars: RFC 3261 §20, 3515, 3841, 3892, 4028, 4474, 6665, 8224. */
const compactForms: Record<string, string> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

// Property keys are interned by the engine: comparing two canonical names is comparing two pointers.
const knownHeaders = Object.keys(
  Object.fromEntries(
    `Accept Accept-Contact Accept-Encoding Accept-Language Accept-Resource-Priority Alert-Info Allow
  Allow-Events Answer-Mode Authentication-Info Authorization Call-ID Call-Info Contact Content-Disposition
  Content-Encoding Content-Language Content-Length Content-Type CSeq Date Diversion Error-Info Event Expires
  Feature-Caps Flow-Timer From Geolocation Geolocation-Error Geolocation-Routing History-Info Identity Identity-Info
  In-Reply-To Info-Package Join Max-Breadth Max-Forwards MIME-Version Min-Expires Min-SE Organization
  P-Access-Network-Info P-Answer-State P-Asserted-Identity P-Asserted-Service P-Associated-URI P-Called-Party-ID
  P-Charge-Info P-Charging-Function-Addresses P-Charging-Vector P-DCS-Billing-Info P-DCS-LAES P-DCS-OSPS
  P-DCS-Redirect P-DCS-Trace-Party-ID P-Early-Media P-Media-Authorization P-Preferred-Identity P-Preferred-Service
  P-Profile-Key P-Served-User P-User-Database P-Visited-Network-ID Path Permission-Missing Policy-Contact Policy-ID
  Priority Priv-Answer-Mode Privacy Proxy-Authenticate Proxy-Authentication-Info Proxy-Authorization Proxy-Require
  RAck Reason Record-Route Recv-Info Refer-Events-At Refer-Sub Refer-To Referred-By Reject-Contact Relayed-Charge
  Remote-Party-ID Replaces Reply-To Request-Disposition Require Resource-Priority Resource-Share Response-Source
  Retry-After Route RSeq Security-Client Security-Server Security-Verify Server Service-Route Session-Expires
  Session-ID SIP-ETag SIP-If-Match Subject Subscription-State Supported Suppress-If-Match Target-Dialog Timestamp To
  Trigger-Consent Unsupported User-Agent User-to-User Via Warning WWW-Authenticate`
      .split(/\s+/)
      .map((name) => [name, true]),
  ),
);

const canonicalOfLower = new Map([
  ...knownHeaders.map((name): [string, string] => [name.toLowerCase(), name]),
  ...Object.entries(compactForms),
]);

/** Usual spellings of the headers we know → canonical spelling. */
const knownSpellings = new Map<string, string>();
for (const [lower, name] of canonicalOfLower) {
  for (const spelling of [name, lower, lower.toUpperCase()]) {
    if (!knownSpellings.has(spelling)) knownSpellings.set(spelling, name);
  }
}

/** Other spellings seen → canonical spelling. Bounded by count and by length: peers choose the names. */
const seenSpellings = new Map<string, string>();
const maxSeenSpellings = 2_048;
const maxSeenLength = 48;

/** Spelling used in memory and on the wire: compact forms expanded, known headers as registered, `X-` names untouched. */
export function canonicalName(raw: string): string {
  return knownSpellings.get(raw) ?? seenSpellings.get(raw) ?? remember(raw, spell(raw));
}

/** The canonical name when every spelling of it maps to the same text, so that `===` compares it; else undefined. */
export function knownName(raw: string): string | undefined {
  return knownSpellings.get(raw) ?? canonicalOfLower.get(raw.toLowerCase());
}

interface Spelling {
  readonly text: string;
  readonly canonical: string;
}

/** Spellings common on the wire, found by length and outer letters, so that a name is recognised in place. */
const wellKnown: Spelling[][] = Array.from({ length: 1_024 }, () => []);
for (const canonical of knownHeaders) {
  for (const text of new Set([canonical, canonical.toLowerCase()])) {
    wellKnown[slotOf(text, 0, text.length)]!.push({ text, canonical });
  }
}

/** `canonicalName` of `text.slice(from, to)` when it is a well-known spelling; undefined says nothing. */
export function wellKnownName(text: string, from: number, to: number): string | undefined {
  const candidates = wellKnown[slotOf(text, from, to)]!;
  for (let at = 0; at < candidates.length; at += 1) {
    const candidate = candidates[at]!;
    if (candidate.text.length === to - from && text.startsWith(candidate.text, from)) return candidate.canonical;
  }
  return undefined;
}

function slotOf(text: string, from: number, to: number): number {
  return ((to - from) * 37 + text.charCodeAt(from) * 11 + text.charCodeAt(to - 1) * 3) & 1_023;
}

function spell(raw: string): string {
  const registered = canonicalOfLower.get(raw.toLowerCase());
  if (registered !== undefined) return registered;
  if (/^x-/i.test(raw)) return raw;
  return raw.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function remember(raw: string, canonical: string): string {
  if (raw.length <= maxSeenLength && seenSpellings.size < maxSeenSpellings) seenSpellings.set(raw, canonical);
  return canonical;
}
