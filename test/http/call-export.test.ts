import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { sendExport } from '../../src/http/call-export.ts';

async function written(rows: Record<string, string | number | null>[]): Promise<string> {
  const res = Object.assign(new PassThrough(), { writeHead: () => undefined });
  async function* pages() {
    yield rows;
  }
  await sendExport(res as unknown as ServerResponse, 'csv', ['a', 'b'], pages());
  return (await res.toArray()).join('');
}

it('quotes what needs it (RFC 4180) and takes the teeth out of formulas; numbers stay numbers', async () => {
  expect(
    await written([
      { a: 'x,y', b: 'say "hi"' },
      { a: 'two\nlines', b: null },
    ]),
  ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
  expect(
    await written([
      { a: '=cmd|x', b: '@sum' },
      { a: '+14155550001', b: -5 },
      { a: '-1+1', b: '\tx' },
    ]),
  ).toBe("a,b\r\n'=cmd|x,'@sum\r\n+14155550001,-5\r\n'-1+1,'\tx\r\n");
});

it('ends when the reader goes away, without asking for more', async () => {
  let asked = 0;
  async function* endless() {
    for (;;) {
      asked += 1;
      yield Array.from({ length: 100 }, () => ({ a: 'x'.repeat(1_000), b: 1 }));
    }
  }
  const res = Object.assign(new PassThrough(), { writeHead: () => undefined });
  const sent = sendExport(res as unknown as ServerResponse, 'csv', ['a', 'b'], endless());
  setTimeout(() => res.destroy(), 20);
  await sent;
  expect(asked).toBeLessThan(5);
});
