import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';

let folder: string;
const dotenv = () => join(folder, '.env');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('settings', () => {
  it('have defaults that start on this machine only', () => {
    const config = loadConfig({}, dotenv());
    expect(config).toMatchObject({
      SIP_HOST: '127.0.0.1',
      HTTP_HOST: '127.0.0.1',
      SIP_ENGINE: 'embedded',
      SIP_PORT: 5060,
    });
  });

  it('come from the environment before .env, and a blank counts as not set', () => {
    writeFileSync(dotenv(), 'HTTP_PORT=1111\nSIP_PORT=2222\nLOG_LEVEL=\n');
    expect(loadConfig({ HTTP_PORT: '3333' }, dotenv())).toMatchObject({
      HTTP_PORT: 3333,
      SIP_PORT: 2222,
      LOG_LEVEL: 'info',
    });
  });

  it.each([
    [{ HTTP_PORT: '80x' }, 'HTTP_PORT: write a port number'],
    [{ SIP_PORT: '70000' }, 'SIP_PORT: write a port from 0 to 65535'],
    [{ SIP_PROT: '5060' }, 'SIP_PROT in the environment is not a setting'],
    [{ SIP_ENGINE: 'kamailio' }, 'SIP_ENGINE: write embedded or drachtio'],
    [{ DRACHTIO_HOST: 'localhost' }, 'DRACHTIO_HOST has no effect with SIP_ENGINE=embedded'],
    [{ SIP_ENGINE: 'drachtio' }, 'needs DRACHTIO_HOST and DRACHTIO_SECRET'],
    [{ SIP_ENGINE: 'drachtio', DRACHTIO_HOST: 'a', DRACHTIO_SECRET: 'b', SIP_PORT: '5070' }, 'SIP_PORT has no effect'],
    [{ SIP_PORT: '8080' }, 'SIP_PORT and HTTP_PORT are both 8080'],
    [{ SIP_HOST: '0.0.0.0' }, 'set SIP_ADVERTISED_HOST'],
    [{ CALL_KEY_SECRET: 'short' }, 'CALL_KEY_SECRET: write at least 16 characters'],
    [{ WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/40' }, 'write blocks like 10.1.0.0/16'],
  ])('refuses %j with one readable message', (environment, expected) => {
    expect(() => loadConfig(environment, dotenv())).toThrow(ConfigError);
    expect(() => loadConfig(environment, dotenv())).toThrow(expected);
  });

  it('refuses an unknown name in .env, whatever it is', () => {
    writeFileSync(dotenv(), 'COLOUR=red\n');
    expect(() => loadConfig({}, dotenv())).toThrow(/COLOUR in .*\.env is not a setting/);
  });

  it('leaves names of other programs in the environment alone', () => {
    expect(() => loadConfig({ HTTP_PROXY: 'http://proxy', PATH: '/bin', HOME: '/root' }, dotenv())).not.toThrow();
  });
});
