import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutations } from '../message/message-arbitrary.ts';
import { FuzzRig, type Step } from '../support/fuzz-rig.ts';

const options = { seed: 3261, numRuns: 600 };

const damage = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: mutations });
const method = fc.constantFrom('ACK', 'ACK', 'BYE', 'CANCEL', 'INVITE', 'INFO', 'UPDATE', 'PRACK', 'OPTIONS', 'FOO');
const status = fc.constantFrom(100, 180, 183, 200, 200, 202, 302, 401, 404, 486, 491, 503, 603);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('invite' as const), damage }),
  fc.record({ kind: fc.constant('request' as const), method, call: fc.nat(9), damage }),
  fc.record({ kind: fc.constant('request' as const), method, call: fc.nat(9), damage }),
  fc.record({ kind: fc.constant('response' as const), status, to: fc.nat(30), damage }),
  fc.record({ kind: fc.constant('answer' as const), status, which: fc.nat(9) }),
  fc.record({ kind: fc.constant('call' as const) }),
  fc.record({ kind: fc.constant('send' as const), method, dialog: fc.nat(9) }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.nat(600), fc.nat(40_000)) }),
);

describe(`the engine among peers that send anything at any time (seed ${options.seed})`, () => {
  it('never fails, and forgets everything once it is over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const fuzz = new FuzzRig();
        for (const each of steps) fuzz.take(each);
        fuzz.windUp();
        await Promise.resolve();
        const { agent } = fuzz.rig;
        expect(fuzz.bugs).toEqual([]);
        expect({ tables: fuzz.rig.tables, timers: agent.transactions.wheel.size }).toEqual({ tables: 0, timers: 0 });
      }),
      options,
    );
  });
});
