import { doubtfulTokens } from '../account/doubtful-tokens.ts';
import type { Config } from '../config.ts';
import { currentAccount } from '../current-account.ts';
import type { Account } from '../domain/account.ts';
import { checkData } from './check-data.ts';
import { checkMachine } from './check-machine.ts';
import { checkNetwork } from './check-network.ts';
import { checkPartners } from './check-partners.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

/** Parts of the running service that can serve, as /readyz tells them; undefined where none answers. */
export type AskRunning = () => Promise<Readonly<Record<string, boolean>> | undefined>;

/** Everything that keeps an installation from taking calls and postbacks, or will. Sends nothing but OPTIONS; changes nothing. */
export async function examine(config: Config, askRunning: AskRunning): Promise<Finding[]> {
  const running = await askRunning();
  const { account, findings } = await checkAccount(config);
  const partners = account === undefined ? [] : checkPartners(account, config.WEBHOOK_ALLOWED_NETWORKS);
  const groups = [checkMachine(), checkData(config), findings, checkNetwork(config, running !== undefined), partners];
  return [checkRunning(running), ...(await Promise.all(groups)).flat()];
}

function checkRunning(parts: Readonly<Record<string, boolean>> | undefined): Finding {
  if (parts === undefined) return good('service', 'does not run here');
  const missing = Object.entries(parts).flatMap(([part, isReady]) => (isReady ? [] : [part]));
  if (missing.length === 0) return good('service', 'runs and takes calls');
  return bad(
    'service',
    `runs, but cannot serve: ${missing.join(', ')}`,
    'its log says why; docs/failures.md what to do',
  );
}

async function checkAccount(config: Config): Promise<{ account?: Account; findings: Finding[] }> {
  const place = config.ACCOUNT_SOURCE === 'file' ? config.ACCOUNT_FILE : 'in the database';
  try {
    const account = await currentAccount(config);
    const { carriers, buyers, campaigns, numbers } = account;
    const text = `${place}: ${carriers.length} carriers, ${numbers.length} numbers, ${campaigns.length} campaigns, ${buyers.length} buyers`;
    const warnings = doubtfulTokens(account).map(({ webhookId, tokens }) =>
      doubtful(
        `webhook ${webhookId}`,
        `nothing is known to fill ${tokens.map((each) => `[${each}]`).join(', ')}`,
        'misspelt? else fine: a tag may come',
      ),
    );
    return { account, findings: [good('account', text), ...warnings] };
  } catch (error) {
    return { findings: [bad('account', (error as Error).message, 'mend it, or set ACCOUNT_FILE or ACCOUNT_SOURCE')] };
  }
}
