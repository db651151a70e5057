// npm run bench: at most three minutes, on 127.0.0.1 only. Ends with 1 when a promise is broken, 2 when the machine is busy.
import { availableParallelism } from 'node:os';
import { CAPACITY_PARTS, type CapacityPart } from './capacity.ts';
import { measureEngine } from './engine.ts';
import { measurePostbacks } from './postbacks.ts';
import { judge } from './promises.ts';
import { demandQuiet } from './quiet-machine.ts';
import { measureRouting } from './routing.ts';
import { measureSip } from './sip-rate.ts';
import { measureSweep } from './sweep.ts';
import { service, servicePostbacks } from './targets/service.ts';
import { measureWebhooks } from './webhooks.ts';

/** Leaves half a minute to the postbacks. */
const SIP_LIMIT_MS = 160_000;

const quick = process.argv.includes('--quick');
console.log(`Node ${process.version} on ${availableParallelism()} processors${quick ? ', quick: mechanics only' : ''}`);
await demandQuiet(process.argv.includes('--anyway'));

if (process.argv.includes('--routing')) process.exit(measureRouting(quick) ? 0 : 1);
if (process.argv.includes('--sweep')) process.exit((await measureSweep(quick)) ? 0 : 1);
if (process.argv.includes('--webhooks')) process.exit((await measureWebhooks(quick)) ? 0 : 1);
const capacity = process.argv.indexOf('--capacity');
if (capacity !== -1) {
  const measure = CAPACITY_PARTS[process.argv[capacity + 1] as CapacityPart];
  if (measure === undefined) throw new Error(`write --capacity and one of ${Object.keys(CAPACITY_PARTS).join(', ')}`);
  process.exit((await measure(quick)) ? 0 : 1);
}
if (process.argv.includes('--engine')) process.exit((await measureEngine(quick)) ? 0 : 1);

const sip = await measureSip(service, {
  rates: quick ? [50, 100] : [300, 500, 750, 1_000],
  warmUp: { rate: quick ? 50 : 200, seconds: quick ? 2 : 10 },
  stepSeconds: quick ? 2 : 5,
  claimSeconds: quick ? 3 : 45,
  setUpSeconds: quick ? 2 : 10,
  setUpRate: quick ? 50 : 300,
  endAtMs: SIP_LIMIT_MS,
});
const postbacks = await measurePostbacks(servicePostbacks, { connections: 64, turnSeconds: quick ? 1 : 4 });

process.exitCode = judge(sip, postbacks) ? 0 : 1;
