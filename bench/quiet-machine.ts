import { othersShare, readMachine } from './machine.ts';
import { percent } from './table.ts';

const LIMIT = 0.05;
const WATCH_MS = 1_000;

/** Ends the process when others keep the machine busy: figures from then say nothing. `--anyway` measures all the same. */
export async function demandQuiet(anyway: boolean): Promise<void> {
  const before = readMachine([]);
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  const share = othersShare(before, readMachine([]));
  if (share <= LIMIT) return;
  const finding = `Other processes take ${percent(share)} of this machine (limit ${percent(LIMIT)})`;
  if (!anyway) {
    console.error(`${finding}: figures would be noise. Try later, or measure with: npm run bench -- --anyway`);
    process.exit(2);
  }
  console.log(`${finding}: what follows is NOISE, good for finding errors, not for quoting.`);
}
