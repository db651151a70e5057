// Asks the registry for known weaknesses of what the service runs on. High and critical ones fail; a registry that cannot be
// reached, or knows no advisories, does not: a check must be possible without a network.
import { spawnSync } from 'node:child_process';

const LIMIT_MS = 15_000;
const FAILING = ['high', 'critical'];

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0'], {
  encoding: 'utf8',
  timeout: LIMIT_MS,
});

/** Undefined where there was no answer that can be read. */
function countsOf(text) {
  try {
    return JSON.parse(text).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

const counts = countsOf(stdout ?? '');
if (counts === undefined) console.log('dependency audit skipped: the registry gave no answer');
else {
  const failing = FAILING.filter((severity) => counts[severity] > 0);
  for (const severity of failing) console.error(`${counts[severity]} ${severity} advisories: see npm audit --omit=dev`);
  process.exitCode = failing.length === 0 ? 0 : 1;
}
