import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../src/config.ts';

const tls = { SIP_TLS_CERTIFICATE_FILE: 'c.pem', SIP_TLS_KEY_FILE: 'k.pem' };
const drachtio = { SIP_ENGINE: 'drachtio', DRACHTIO_HOST: 'a', DRACHTIO_SECRET: 'b' };

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
    [{ ...drachtio, SIP_PORT: '5070' }, 'SIP_PORT has no effect'],
    [{ SIP_PORT: '8080' }, 'SIP_PORT and HTTP_PORT are both 8080'],
    [{ SIP_HOST: '0.0.0.0' }, 'set SIP_ADVERTISED_HOST'],
    [{ SIP_TLS_CERTIFICATE_FILE: 'c.pem' }, 'SIP_TLS_CERTIFICATE_FILE needs SIP_TLS_KEY_FILE: set both'],
    [{ SIP_TLS_PORT: '5061' }, 'SIP_TLS_PORT has no effect without SIP_TLS_CERTIFICATE_FILE'],
    [{ ...tls, SIP_PORT: '5061' }, 'SIP_TLS_PORT and SIP_PORT are both 5061'],
    [{ ...tls, SIP_TLS_PORT: '8080' }, 'SIP_TLS_PORT and HTTP_PORT are both 8080'],
    [{ ...tls, SIP_TLS_CLIENT_CERTIFICATES: 'yes' }, 'SIP_TLS_CLIENT_CERTIFICATES: write no, optional or required'],
    [{ ...drachtio, SIP_UNKNOWN_SOURCES: 'silence' }, 'SIP_UNKNOWN_SOURCES has no effect with SIP_ENGINE=drachtio'],
    [{ SIP_UNKNOWN_SOURCES: 'drop' }, 'SIP_UNKNOWN_SOURCES: write refuse or silence'],
    [{ ...drachtio, SIP_TLS_KEY_FILE: 'k.pem' }, 'SIP_TLS_KEY_FILE has no effect with SIP_ENGINE=drachtio'],
    [{ SIP_LOCAL_NETWORKS: '10.0.0.0/8' }, 'SIP_LOCAL_NETWORKS has no effect without SIP_ADVERTISED_HOST'],
    [{ SIP_LOCAL_NETWORKS: 'home' }, 'SIP_LOCAL_NETWORKS: write blocks like'],
    [{ CALL_KEY_SECRET: 'short' }, 'CALL_KEY_SECRET: write at least 16 characters'],
    [{ WEBHOOK_ALLOWED_NETWORKS: '10.0.0.0/40' }, 'write blocks like 10.1.0.0/16'],
  ])('refuses %j with one readable message', (environment, expected) => {
    expect(() => loadConfig(environment, dotenv())).toThrow(ConfigError);
    expect(() => loadConfig(environment, dotenv())).toThrow(expected);
  });

  it('take TLS with a certificate and its key, and networks with a public address', () => {
    const networks = { SIP_ADVERTISED_HOST: '203.0.113.7', SIP_LOCAL_NETWORKS: '10.0.0.0/8, fd00::/8' };
    expect(loadConfig({ ...tls, ...networks }, dotenv())).toMatchObject({
      ...tls,
      SIP_LOCAL_NETWORKS: ['10.0.0.0/8', 'fd00::/8'],
    });
  });

  it('refuses an unknown name in .env, whatever it is', () => {
    writeFileSync(dotenv(), 'COLOUR=red\n');
    expect(() => loadConfig({}, dotenv())).toThrow(/COLOUR in .*\.env is not a setting/);
  });

  it('leaves names of other programs in the environment alone', () => {
    expect(() => loadConfig({ HTTP_PROXY: 'http://proxy', PATH: '/bin', HOME: '/root' }, dotenv())).not.toThrow();
  });
});
