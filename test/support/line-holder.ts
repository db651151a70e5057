import type { Operations } from '../../src/operations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { aBuyer, aCampaign, anAccount } from './account-builders.ts';
import { concurrent, ReservingCall } from './reserving-calls.ts';

/** A process that holds lines until it is killed: one call runs, one is answered, one has ended with a leg that lingers. */
const [file = '', at = '0'] = process.argv.slice(2);
const now = Number(at);
const operations = new URL('../../src/operations.ts', import.meta.url);
const { operations: store } = await openSqliteStore<Operations>({ file, operations });

const buyers = [aBuyer('A', { caps: [concurrent(3)] })];
await store.applyAccount({ account: anAccount({ buyers, campaigns: [aCampaign()] }), now });
const calls = [1, 2, 3].map(() => new ReservingCall(store, { now }));
for (const call of calls) {
  await call.begin();
  await call.reserve([['A']]);
  await call.dial('A');
}
await calls[1]?.answer('A');
await calls[2]?.end(now, ['A']);
console.log('held');
