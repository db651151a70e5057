import { expect, it } from 'vitest';
import { Progress } from '../../src/cli/progress.ts';

let now = 0;
const run = (isTTY: boolean, msPerStep: number, steps: number) => {
  now = 0;
  const written: string[] = [];
  const progress = new Progress('audit', 10_240, { isTTY, write: (text) => written.push(text) }, () => now);
  for (let step = 0; step < steps; step += 1) {
    now += msPerStep;
    progress.step();
  }
  progress.end();
  return written;
};

it('a terminal sees how far long work is, how long it will take, and at the end an empty line', () => {
  const written = run(true, 1, 5_120);
  expect(written.at(-2)).toBe('\r\x1b[2Kaudit ███████████████░░░░░░░░░░░░░░░ 50 %  5,120 of 10,240, 6 s left');
  expect(written.at(-1)).toBe('\r\x1b[2K');
  expect(written.length).toBeLessThan(25);
});

it.each([
  ['nothing is shown of short work', true, 0.01],
  ['nothing is shown where nobody looks', false, 1],
] as const)('%s', (_, isTTY, msPerStep) => {
  expect(run(isTTY, msPerStep, 10_240)).toEqual([]);
});
