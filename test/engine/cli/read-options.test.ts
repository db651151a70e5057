import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CommandLine, flags, readOptions } from '../../../sip/engine/cli/read-options.ts';
import { usage } from '../../../sip/engine/cli/usage.ts';

const sip = ['--sip', 'udp/10.0.0.5:5060'];
const read = (args: readonly string[], environment = { DRACHTIO_SECRET: 'sesame' }): CommandLine =>
  readOptions(args, environment) as CommandLine;

describe('the command line', () => {
  it('has sensible defaults', () => {
    expect(read(sip)).toEqual({
      logLevel: 'info',
      engine: {
        listen: [{ protocol: 'udp', address: '10.0.0.5', port: 5060 }],
        localNetworks: [],
        control: { address: '127.0.0.1', port: 9022 },
        secret: 'sesame',
        timers: { t1: 500, t2: 4_000, t4: 5_000 },
        natAid: true,
        strictOrder: true,
      },
    });
  });

  it('reads everything else', () => {
    const more = ['--sip', 'tls/[2001:db8::1]:0', '--local-net', '10.0.0.0/8', '--local-net', 'fd00::/8'];
    const tls = [
      '--tls-cert',
      'c.pem',
      '--tls-key',
      'k.pem',
      '--tls-authorities',
      'a.pem',
      '--tls-clients',
      'required',
    ];
    const behaviour = [
      '--t1',
      '250',
      '--udp-max-request',
      '1300',
      '--no-nat-aid',
      '--no-strict-order',
      '--trace',
      '+1555',
      '--log-level',
      'debug',
    ];
    expect(read([...sip, ...more, ...tls, ...behaviour])).toMatchObject({
      logLevel: 'debug',
      engine: {
        listen: [{ protocol: 'udp' }, { protocol: 'tls', address: '2001:db8::1', port: 0 }],
        localNetworks: ['10.0.0.0/8', 'fd00::/8'],
        tls: {
          ...{ certificateFile: 'c.pem', keyFile: 'k.pem', authoritiesFile: 'a.pem' },
          ...{ clientCertificates: 'required', dangerouslyAcceptAnyServer: false },
        },
        ...{ timers: { t1: 250 }, udpMaxRequestBytes: 1_300, natAid: false, strictOrder: false, trace: '+1555' },
      },
    });
  });

  it('tells the external address to peers of its family, on all but loopback', () => {
    const points = ['--sip', 'tcp/127.0.0.1:5060', '--sip', 'udp/[::]:5060', '--external-ip', '203.0.113.7'];
    const { listen } = read([...sip, ...points]).engine;
    expect(listen.map(({ advertisedAddress }) => advertisedAddress)).toEqual(['203.0.113.7', undefined, undefined]);
  });

  it('takes the secret from a file before the environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-secret-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'secret'), 'from file\nignored\n');
    expect(read([...sip, '--secret-file', join(folder, 'secret')]).engine.secret).toBe('from file');
    expect(read([...sip, '--secret', 'given']).engine.secret).toBe('given');
  });

  it.each([
    [[], 'nothing to listen on: give --sip, e.g. --sip udp/127.0.0.1:5060'],
    [['--sip', 'sctp/127.0.0.1:5060'], '--sip sctp/127.0.0.1:5060: write it like'],
    [['--sip', 'udp/localhost:5060'], '--sip localhost:5060: write an IP address and a port'],
    [['--sip', 'udp/127.0.0.1'], '--sip 127.0.0.1: write an IP address and a port'],
    [['--sip', 'udp/::1:5060'], '--sip ::1:5060: write an IP address and a port'],
    [['--sip', 'tls/127.0.0.1:5061'], '--sip tls/… needs --tls-cert and --tls-key'],
    [[...sip, '--control', '9022'], '--control 9022: write an IP address and a port'],
    [[...sip, '--external-ip', 'me'], '--external-ip me: write an IP address'],
    [[...sip, '--tls-clients', 'maybe'], '--tls-clients maybe: write no, optional, required'],
    [[...sip, '--t1', 'fast'], '--t1 fast: write milliseconds from 10 to 60000'],
    [[...sip, '--udp-max-request', 'x'], '--udp-max-request x: write bytes, e.g. 1300'],
    [[...sip, '--log-level', 'loud'], '--log-level loud: write debug, info, warn, error'],
    [[...sip, '--secret', 'a', '--secret-file', 'package.json'], 'give --secret or --secret-file, not both'],
    [[...sip, '--secret-file', '/nowhere'], '--secret-file /nowhere cannot be read'],
    [[...sip, '--t1'], "Option '--t1 <value>' argument missing"],
    [[...sip, '--loud'], "Unknown option '--loud'"],
    [[...sip, 'more'], "Unexpected argument 'more'"],
  ])('%j is answered with what to write', (args, message) => {
    expect(() => read(args)).toThrow(message);
  });

  it('needs a secret', () => {
    expect(() => readOptions(sip, {})).toThrow('applications need a secret: give --secret-file');
  });

  it('is told whole by --help', () => {
    expect(readOptions(['--help'], {})).toBe('help');
    const told = new Set(Array.from(usage.matchAll(/--([a-z0-9-]+)/g), ([, name]) => name!));
    expect([...told].sort()).toEqual(Object.keys(flags).sort());
    expect(Math.max(...usage.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });
});
