#!/usr/bin/env node
import { Command } from 'commander';
import { accountCommand } from './account.ts';
import { auditCommand } from './audit.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { callsCommand } from './calls.ts';
import { changesCommand } from './changes.ts';
import { conversionCommand } from './conversion.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { routeCommand } from './route.ts';
import { runCommand } from './run-command.ts';
import { tokensCommand } from './tokens.ts';
import { webhooksCommand } from './webhooks.ts';

const EXAMPLES = `
In a checkout it is bin/bridge, or npm run bridge --. Settings come from the environment and from .env; README.md lists them all.
Ends with 0 when all is well and 1 when not; audit has codes of its own.`;

const startCommand = new Command('start')
  .description('Takes calls and postbacks until it is told to stop (SIGTERM, Ctrl-C).')
  .action(async () => void (await import('../main.ts')));

const bridge = new Command('bridge')
  .description('SIP bridge for pay-per-call with a postback API.')
  .addCommand(startCommand)
  .addCommand(accountCommand)
  .addCommand(routeCommand)
  .addCommand(explainCommand)
  .addCommand(conversionCommand)
  .addCommand(auditCommand)
  .addCommand(callsCommand)
  .addCommand(webhooksCommand)
  .addCommand(tokensCommand)
  .addCommand(changesCommand)
  .addCommand(backupCommand)
  .addCommand(restoreCommand)
  .addCommand(doctorCommand)
  .addHelpText('after', EXAMPLES)
  .showHelpAfterError('Add --help for all commands.');

await runCommand(() => bridge.parseAsync(process.argv));
