import fc from 'fast-check';
import { type Mutation, mutationKinds } from '../support/mutation.ts';

/** What a message says; `headers` in order, their values with single blanks where the grammar allows more. */
export interface Meaning {
  readonly start: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const ALPHANUM = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];
const textOf = (characters: readonly string[], minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });

const token = textOf([...ALPHANUM, ..."-.!%*_+`'~"], 1, 12);
const host = fc.oneof(
  textOf(ALPHANUM, 1, 8).map((name) => `${name}.example.com`),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const user = textOf([...ALPHANUM, ..."-_.!~*'()&=+$,;?/", '%40', '%00'], 1, 12);
const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });
const hostPort = fc.tuple(host, port).map(([name, number]) => (number === undefined ? name : `${name}:${number}`));
const uri = fc
  .tuple(
    fc.constantFrom('sip', 'sips', 'SIP'),
    user,
    hostPort,
    fc.constantFrom('', ';lr', ';transport=UDP;x=%20', '?a=b'),
  )
  .map(([scheme, name, place, rest]) => `${scheme}:${name}@${place}${rest}`);
const quoted = fc
  .string({
    unit: fc.constantFrom(...ALPHANUM, ' ', ',', ';', '<', '>', '@', ':', 'é', '電', '\\"', '\\\\'),
    maxLength: 10,
  })
  .map((text) => `"${text.replace(/ +/g, ' ')}"`);
const nameAddr = fc
  .tuple(fc.constantFrom('', 'name', 'quoted'), token, quoted, uri)
  .map(([kind, name, text, address]) => `${{ '': '', name: `${name} `, quoted: `${text} ` }[kind]}<${address}>`);
const tagged = fc.tuple(nameAddr, token).map(([address, tag]) => `${address};tag=${tag}`);
const via = fc
  .tuple(
    fc.constantFrom('UDP', 'TCP', 'TLS', 'WSS'),
    hostPort,
    token,
    fc.constantFrom('', ';rport', ';received=192.0.2.1'),
  )
  .map(([protocol, sentBy, branch, rest]) => `SIP/2.0/${protocol} ${sentBy};branch=z9hG4bK${branch}${rest}`);

const words = fc.array(fc.string({ unit: fc.constantFrom(...ALPHANUM, ...',;:=<>"é電'), minLength: 1, maxLength: 8 }), {
  maxLength: 5,
});
const extraName = fc.oneof(
  fc.constantFrom('Subject', 'User-Agent', 'Supported', 'Content-Type', 'Session-Expires', 'Referred-By'),
  textOf(ALPHANUM, 1, 10).map((name) => `X-${name}`),
);
const extra = fc.oneof(
  fc.tuple(
    extraName,
    words.map((each) => each.join(' ')),
  ),
  fc.tuple(fc.constant('Contact'), nameAddr),
  fc.tuple(fc.constantFrom('Route', 'Record-Route'), nameAddr),
);

/** A valid message; the mandatory headers come in any order among others. */
export const meaning: fc.Arbitrary<Meaning> = fc
  .record({
    method: fc.oneof(fc.constantFrom('INVITE', 'ACK', 'BYE', 'CANCEL', 'REGISTER'), token),
    status: fc.option(fc.integer({ min: 100, max: 699 }), { nil: undefined }),
    reason: words.map((each) => each.join(' ')),
    uri,
    vias: fc.array(via, { minLength: 1, maxLength: 3 }),
    ...{ from: tagged, to: fc.oneof(nameAddr, tagged), callId: token, cseq: fc.nat() },
    extras: fc.array(extra, { maxLength: 8 }),
    order: fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
    body: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  })
  .map((parts) => {
    const headers = shuffled(
      [
        ...parts.vias.map((value) => ['Via', value] as const),
        ['From', parts.from] as const,
        ['To', parts.to] as const,
        ['Call-ID', parts.callId] as const,
        ['CSeq', `${parts.cseq} ${parts.method}`] as const,
        ...parts.extras,
      ],
      parts.order,
    );
    const start =
      parts.status === undefined ? `${parts.method} ${parts.uri} SIP/2.0` : `SIP/2.0 ${parts.status} ${parts.reason}`;
    return { start, headers, body: parts.body };
  });

function shuffled<T>(items: readonly T[], order: readonly number[]): T[] {
  const left = [...items];
  const taken: T[] = [];
  for (let at = 0; left.length > 0; at += 1) taken.push(...left.splice(order[at % order.length]! % left.length, 1));
  return taken;
}

/** How a message is written down: which spelling, which blanks; each number decides one choice, in turn. */
export const spelling = fc.array(fc.nat({ max: 1_000 }), { minLength: 30, maxLength: 30 });

const compact: Record<string, string> = {
  ...{ Via: 'v', From: 'f', To: 't', 'Call-ID': 'i', Contact: 'm', Subject: 's', Supported: 'k' },
  ...{ 'Content-Type': 'c', 'Session-Expires': 'x', 'Referred-By': 'b' },
};
const gaps = [' ', '  ', '\t', '\r\n ', ' \r\n\t', '\r\n  \r\n '];

/** The bytes of a message in one of its many spellings (RFC 3261 §7.3.1). */
export function written({ start, headers, body }: Meaning, choices: readonly number[]): Buffer {
  let at = 0;
  const choose = <T>(options: readonly T[]): T => options[choices[at++ % choices.length]! % options.length]!;
  const lines = headers.map(([name, value]) => {
    const known = compact[name];
    const spelled = choose([name, name.toUpperCase(), name.toLowerCase(), known ?? name, known?.toUpperCase() ?? name]);
    return `${spelled}${choose(['', ' ', ' \t'])}:${choose(['', ...gaps])}${value.replaceAll(' ', () => choose(gaps))}${choose(['', ' '])}`;
  });
  const length = `${choose(['Content-Length', 'l', 'CONTENT-LENGTH'])}: ${body.length}`;
  return Buffer.concat([Buffer.from(`${[start, ...lines, length].join('\r\n')}\r\n\r\n`), body]);
}

export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    kind: fc.constantFrom(...mutationKinds),
    at: fc.nat({ max: 2_000 }),
    value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(...Buffer.from('\r\n\0 \t:;,<>"\\@=?[]/'))),
    length: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 300 })),
  }),
  { minLength: 1, maxLength: 4 },
);
