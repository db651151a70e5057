import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMoney } from '../../src/domain/money.ts';
import { applyPayoutModifier, parsePayoutModifier } from '../../src/domain/payout-modifier.ts';
import { runCli } from '../support/run-cli.ts';

const page = readFileSync('docs/money.md', 'utf8');
const commands = [...page.matchAll(/```console\n\$ npm run conversion -- (.*)\n([\s\S]*?)```/g)].map(
  ([, args = '', output = '']) => ({ args, output }),
);
const modifiers = [...page.matchAll(/^\| (blank|`[^`]+`) \| ([\d.]+) \|/gm)].map(([, written = '', payout = '']) => ({
  modifier: written === 'blank' ? '' : written.replaceAll('`', ''),
  payout,
}));

describe('docs/money.md', () => {
  it('has examples', () => expect([commands.length > 3, modifiers.length]).toEqual([true, 7]));

  it.each(commands)('npm run conversion -- $args', async ({ args, output }) => {
    const words = args.split(' ').map((word) => word.replaceAll("'", ''));
    const result = await runCli('conversion', words, { ACCOUNT_FILE: resolve('account.example.yaml') }, tmpdir());
    expect([result.status, result.errors]).toEqual([0, '']);
    expect(result.output).toBe(output);
  });

  it.each(modifiers)('modifier "$modifier" of 10.00 is $payout', ({ modifier, payout }) => {
    expect(applyPayoutModifier(parsePayoutModifier(modifier), parseMoney('10')).micros).toBe(parseMoney(payout));
  });
});
