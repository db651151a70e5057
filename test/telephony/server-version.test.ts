import { expect, it } from 'vitest';
import { doubtAbout } from '../../src/telephony/server-version.ts';

it.each(['v0.9.10-1-g9c2dd4cb6a', 'v0.9.0', '0.10.2', 'v1.0.0'])('%s will do', (version) => {
  expect(doubtAbout(version)).toBeUndefined();
});

it.each([
  ['v0.8.26', 'of version v0.8.26, older'],
  ['v0.8.1-rc5', 'older than this was written for: use drachtio-server 0.9.0 or newer'],
  ['', 'does not tell its version'],
  [null, 'does not tell its version'],
])('%s is doubted', (version, doubt) => {
  expect(doubtAbout(version)).toContain(doubt);
});
