import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitList } from '../../../sip/engine/message/header-list.ts';
import { Headers } from '../../../sip/engine/message/headers.ts';
import type { SipMessage } from '../../../sip/engine/message/message.ts';
import { tagOf, withTag } from '../../../sip/engine/message/name-addr.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { serialize } from '../../../sip/engine/message/serialize.ts';
import { formatUri, parseSipUri } from '../../../sip/engine/message/uri.ts';
import { formatVia, parseVia } from '../../../sip/engine/message/via.ts';
import { mutated } from '../support/mutation.ts';
import { type Meaning, meaning, mutations, spelling, written } from './message-arbitrary.ts';

const hopLists = new Set(['Via', 'Route', 'Record-Route']);
const oneBlank = (text: string): string => text.replace(/[ \t]+/g, ' ').trim();

/** Header lines as they are compared: letter case of names aside, hop lists split, blanks single. */
function lines(headers: Iterable<readonly [string, string]>): string[] {
  return [...headers].flatMap(([name, value]) =>
    (hopLists.has(name) ? splitList(value) : [value]).map((each) => `${name.toLowerCase()}: ${oneBlank(each)}`),
  );
}

const startOf = (message: SipMessage): string =>
  message.kind === 'request'
    ? `${message.method} ${message.uri} SIP/2.0`
    : `SIP/2.0 ${message.status} ${message.reason}`;

function meaningOf(message: SipMessage): unknown {
  const rest = [...message.headers].filter(([name]) => name !== 'Content-Length');
  return { start: startOf(message), lines: lines(rest), body: message.body.toString('hex') };
}

const expected = ({ start, headers, body }: Meaning): unknown => ({
  start,
  lines: lines(Headers.from(headers)),
  body: body.toString('hex'),
});

const options = { seed: 4475, numRuns: 2_000 };

describe(`any message (seed ${options.seed})`, () => {
  it('means the same however it is spelled, folded and spaced (RFC 3261 §7.3.1)', () => {
    fc.assert(
      fc.property(meaning, spelling, fc.boolean(), (message, choices, stream) => {
        expect(meaningOf(parseMessage(written(message, choices), { stream }))).toEqual(expected(message));
      }),
      options,
    );
  });

  it('means the same once written by us, and is then written the same for ever', () => {
    fc.assert(
      fc.property(meaning, spelling, (message, choices) => {
        const once = serialize(parseMessage(written(message, choices)));
        expect(meaningOf(parseMessage(once))).toEqual(expected(message));
        expect(serialize(parseMessage(once))).toEqual(once);
      }),
      options,
    );
  });

  it('has Vias, URIs and tags that are written as they were read', () => {
    fc.assert(
      fc.property(meaning, ({ headers }) => {
        for (const [name, value] of headers) {
          if (name === 'Via') expect(parseVia(formatVia(parseVia(value)))).toEqual(parseVia(value));
          if (name === 'From') {
            expect(tagOf(withTag(value, 'other'))).toBe('other');
            const address = value.slice(value.lastIndexOf('<') + 1, value.lastIndexOf('>'));
            expect(parseSipUri(formatUri(parseSipUri(address)))).toEqual(parseSipUri(address));
          }
        }
      }),
      options,
    );
  });

  it('damaged in any way is either refused as a ParseError or can be sent on unchanged', () => {
    fc.assert(
      fc.property(meaning, spelling, mutations, fc.boolean(), (message, choices, changes, stream) => {
        const bytes = mutated(written(message, choices), changes);
        const read = parsedOrRefused(bytes, stream);
        if (read !== undefined) expect(meaningOf(parseMessage(serialize(read), { stream }))).toEqual(meaningOf(read));
      }),
      { ...options, numRuns: 10_000 },
    );
  });
});

function parsedOrRefused(bytes: Buffer, stream: boolean): SipMessage | undefined {
  try {
    return parseMessage(bytes, { stream });
  } catch (fault) {
    if (!(fault instanceof ParseError)) throw fault;
    // Whatever can be answered can be written.
    if (fault.partial !== undefined) serialize(fault.partial);
    return undefined;
  }
}
