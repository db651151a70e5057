import { describe, expect, it } from 'vitest';
import { parseApplicationMessage } from '../../../sip/engine/control/application-message.ts';
import { FrameReader } from '../../../sip/engine/control/frame-reader.ts';
import { replaceLocalhost } from '../../../sip/engine/dialog/headers/localhost.ts';
import { splitList } from '../../../sip/engine/message/header-list.ts';
import { parseNameAddr, tagOf, withTag } from '../../../sip/engine/message/name-addr.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { parseSipUri } from '../../../sip/engine/message/uri.ts';
import { parseVia } from '../../../sip/engine/message/via.ts';
import { StreamFramer } from '../../../sip/engine/transport/stream/stream-framer.ts';
import { bytesOf, inviteLines } from './sample.ts';

const point = {
  ...({ protocol: 'udp', address: '192.0.2.1', port: 5060 } as const),
  ...{ advertisedAddress: '192.0.2.1', advertisedPort: 5060 },
};

/** Eight times the text may cost eight times the time; sixty-four times would be a quadratic loop. */
const FACTOR = 8;
const TOLERATED = 24;
const ATTEMPTS = 5;

/** CPU time of the quickest of some runs, in µs. */
function cost(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 5; run += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < 8; n += 1) work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

function ratio(work: (size: number) => void, size: number): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && lowest > TOLERATED; attempt += 1) {
    // What takes no time at all cannot be compared; 30 µs are less than a quadratic loop would take.
    const small = Math.max(
      50,
      cost(() => work(size)),
    );
    lowest = Math.min(lowest, cost(() => work(FACTOR * size)) / small);
  }
  return lowest;
}

function tolerant(read: () => unknown): void {
  try {
    read();
  } catch (fault) {
    if (!(fault instanceof ParseError)) throw fault;
  }
}

const fill = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

const units = [
  ...['"', '\\', '"\\"', '<', '>', '<>', ',', ';', ':', '@', '=', '&', '?', '[', ' ', '\t', ' ;', '; ', ', '],
  ...[
    'a',
    '%00',
    'sip:',
    'sip:a@',
    'sip:localhost',
    '@localhost',
    'localhost:1',
    ';tag',
    ';tag=',
    'tag',
    '";',
    'é',
    '"a",',
  ],
  ...[
    'SIP/',
    'SIP /',
    '/ ',
    '2.0/',
    'SIP/2.0/UDP h,',
    ';branch=',
    ';;',
    '<sip:a@h>,',
    '\r\n ',
    '\r\n\t\r\n',
    '\r\n',
    'X:\r\n',
  ],
];

describe('what peers and applications may send costs time linear in its length', () => {
  const readers: Record<string, (text: string) => unknown> = {
    parseNameAddr,
    parseSipUri: (text) => parseSipUri(`sip:${text}`),
    parseVia: (text) => parseVia(`SIP/2.0/UDP h${text}`),
    'parseVia with blanks': (text) => parseVia(`SIP / 2.0 / ${text}`),
    splitList,
    tagOf: (text) => tagOf(`<sip:h>${text}`),
    withTag: (text) => withTag(text, 'x'),
    replaceLocalhost: (text) => replaceLocalhost(text, point),
  };
  for (const [name, read] of Object.entries(readers)) {
    it(name, () => {
      for (const unit of units) {
        const [small, large] = [fill(unit, 1_000), fill(unit, 1_000 * FACTOR)];
        const found = ratio((size) => tolerant(() => read(size === 1_000 ? small : large)), 1_000);
        expect(found, JSON.stringify(unit)).toBeLessThan(TOLERATED);
      }
    });
  }

  const whole = (unit: string, size: number): Buffer[] => {
    const text = fill(unit, size);
    return [
      Buffer.from(text),
      bytesOf([...inviteLines, `Subject: ${text}`]),
      bytesOf([...inviteLines, `Route: ${text}`]),
      bytesOf([text, ...inviteLines.slice(1)]),
      bytesOf([`INVITE sip:${text} SIP/2.0`, ...inviteLines.slice(1)]),
      bytesOf([...inviteLines, ...text.match(/.{1,40}/gs)!.map((line) => `X: ${line}`)]),
    ];
  };

  it('parseMessage', () => {
    for (const unit of units) {
      const inputs = { 7000: whole(unit, 7_000), [7_000 * FACTOR]: whole(unit, 7_000 * FACTOR) };
      for (let at = 0; at < inputs[7_000].length; at += 1) {
        const found = ratio((size) => tolerant(() => parseMessage(inputs[size as 7_000][at]!)), 7_000);
        expect(found, `${JSON.stringify(unit)} in place ${at}`).toBeLessThan(TOLERATED);
      }
    }
  });

  it('parseApplicationMessage', () => {
    for (const unit of units) {
      const inputs = { 7000: whole(unit, 7_000), [7_000 * FACTOR]: whole(unit, 7_000 * FACTOR) };
      const found = ratio((size) => {
        for (const bytes of inputs[size as 7_000]) parseApplicationMessage(bytes);
      }, 7_000);
      expect(found, JSON.stringify(unit)).toBeLessThan(TOLERATED);
    }
  });

  const inPieces = (bytes: Buffer, size: number, use: (piece: Buffer) => void): void => {
    for (let at = 0; at < bytes.length; at += size) use(bytes.subarray(at, at + size));
  };

  it('StreamFramer, fed 5 bytes at a time', () => {
    for (const unit of ['\r\n', '\r', 'a', 'l:1\r\n', '\nl: 1', bytesOf(inviteLines).toString()]) {
      const found = ratio((size) => {
        const framer = new StreamFramer({ message: () => {}, ping: () => {} });
        inPieces(Buffer.from(fill(unit, size)), 5, (piece) => framer.push(piece));
      }, 4_000);
      expect(found, JSON.stringify(unit)).toBeLessThan(TOLERATED);
    }
  });

  it('FrameReader, fed 5 bytes at a time', () => {
    for (const prefix of ['', '999999#']) {
      const found = ratio((size) => {
        const reader = new FrameReader(() => {});
        reader.isTrusted = true;
        inPieces(Buffer.from(prefix + fill('3#abc', size)), 5, (piece) => reader.push(piece));
      }, 4_000);
      expect(found, prefix).toBeLessThan(TOLERATED);
    }
  });
});
