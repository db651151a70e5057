import { execFile, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';

const isThere = spawnSync('svmap', ['--version']).error === undefined;

/** The carrier and the buyer are elsewhere: whoever scans from 127.0.0.1 is a stranger. */
function account(): object {
  const yaml = testAccount({ buyers: { A: ['sip:a@127.0.0.2:5099'] } });
  Object.assign(yaml.carriers[0]!, { addresses: ['127.0.0.50'] });
  return yaml;
}

/** Runs one of SIPVicious' tools; what it found. */
function scan(tool: string, port: string, ...args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(tool, ['-p', port, ...args, '127.0.0.1'], { timeout: 20_000 }, (_, out, err) => resolve(out + err));
  });
}

describe
  .skipIf(!isThere)
  .concurrent(`SIPVicious from nowhere we know${isThere ? '' : ' (skipped: apt-get install sipvicious)'}`, () => {
    it.each(['refuse', 'silence'])(
      'finds nothing with SIP_UNKNOWN_SOURCES=%s, and fills no log',
      async (unknown) => {
        await using bridge = await startBridge(account(), { SIP_UNKNOWN_SOURCES: unknown });
        const port = bridge.sip.split(':').at(-1)!;
        const found = await Promise.all([
          scan('svmap', port),
          scan('svmap', port, '-m', 'INVITE'),
          scan('svwar', port, '-e', '100-160', '-m', 'REGISTER'),
          scan('svwar', port, '-e', '100-160', '-m', 'INVITE'),
          scan('svcrack', port, '-u', '100', '-r', '1-60'),
        ]);
        for (const text of found) {
          expect(text).not.toContain('SIP Device');
          expect(text).not.toContain('Authentication |');
          expect(text).not.toContain('The password');
        }
        const complaints = bridge.log.filter(({ level, reason }) => level !== 'info' || reason === 'scanner');
        expect(complaints.length).toBeLessThanOrEqual(15);
        expect(bridge.log.filter(({ level }) => level === 'error')).toEqual([]);
        expect((await fetch(`${bridge.http}/readyz`)).status).toBe(200);
        expect(await bridge.calls()).toEqual([]);
      },
      90_000,
    );
  });
