import { Command } from 'commander';
import type { ApiOptions } from './operator-api.ts';

/** Options of every command that asks the running service. */
export interface AskingOptions extends ApiOptions {
  readonly json?: true;
}

/** A command that asks the running service: `replay <id>` and what it does. */
export function asking(usage: string, description: string): Command {
  const [name = '', ...argumentsOf] = usage.split(' ');
  const command = new Command(name).description(description);
  for (const argument of argumentsOf) command.argument(argument);
  return command.option('--url <url>', 'where the service is').option('--json', 'for programs: what the API answers');
}

/** For an option that may be repeated. */
export function collected(text: string, before: readonly string[]): string[] {
  return [...before, text];
}
