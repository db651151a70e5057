import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import { examine } from '../doctor/examine.ts';
import type { Finding } from '../doctor/finding.ts';
import { OperatorApi } from './operator-api.ts';
import { say } from './run-command.ts';
import { dim, green, red, yellow } from './style.ts';

const EXAMPLES = `
Examples:
  bridge doctor
  bridge doctor --json

Looks at settings, account, machine, data, ports, addresses and certificates; asks every SIP destination (OPTIONS) and connects
to every webhook's host. Changes nothing; the service may run or not. Ends with 1 if something has to be mended.`;

export const doctorCommand = new Command('doctor')
  .description('Says what keeps this installation from taking calls and postbacks, and what to do.')
  .option('--json', 'for programs')
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all options and examples.')
  .action(doctor);

async function doctor({ json }: { readonly json?: true }): Promise<void> {
  const config = loadConfig(process.env);
  const findings = await examine(config, () => new OperatorApi({}).readiness());
  say(json ? JSON.stringify({ findings }, undefined, 2) : findings.map(findingText).join('\n'));
  if (findings.some(({ state }) => state === 'bad')) process.exitCode = 1;
}

const MARKS = { good: green('✓'), doubtful: yellow('!'), bad: red('✗') };

function findingText({ what, state, text, remedy }: Finding): string {
  const [first = '', ...more] = text.split('\n');
  const head = `${MARKS[state]} ${what}: ${first}`;
  return [head, ...more.map((line) => `  ${line}`), ...(remedy === undefined ? [] : [dim(`  → ${remedy}`)])].join('\n');
}
