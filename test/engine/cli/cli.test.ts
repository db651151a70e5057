import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { TestAuthority, tlsFiles } from '../support/certificates.ts';
import { RawApplication } from '../support/raw-application.ts';

interface Run {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  readonly lines: string[];
  readonly complaints: string[];
  /** The line once it is there, its number counted from 0. */
  line(number: number): Promise<string>;
  end(): Promise<number>;
}

function run(args: readonly string[], environment: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['sip/engine/cli.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'close');
  const lines: string[] = [];
  const complaints: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => complaints.push(line));
  const line = (number: number) =>
    waitFor(`line ${number}`, () => lines[number] ?? Promise.reject(new Error(complaints.join('\n'))));
  return { process: child, lines, complaints, line, end: async () => (await exit)[0] as number };
}

const base = ['--sip', 'udp/127.0.0.1:0', '--control', '127.0.0.1:0'];

describe('the engine alone', () => {
  it('prints its ports, lets applications in and ends on SIGTERM', async () => {
    const engine = run([...base, '--secret', 'sesame']);
    expect(await engine.line(0)).toMatch(/^sip udp\/127\.0\.0\.1:\d+$/);
    const control = await engine.line(1);
    const application = await RawApplication.connect(Number(control.split(' ')[1]));
    expect((await application.ask('authenticate|sesame|'))[0]).toBe('OK');
    engine.process.kill('SIGTERM');
    expect(await engine.end()).toBe(0);
    application.socket.destroy();
    expect(engine.complaints.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}stopping signal=SIGTERM dialogs=0$/);
  });

  it('prints its figures on SIGUSR2', async () => {
    const engine = run(base, { DRACHTIO_SECRET: 'sesame' });
    await engine.line(1);
    engine.process.kill('SIGUSR2');
    const figures = JSON.parse(await engine.line(2)) as unknown;
    expect(figures).toMatchObject({ dialogs: 0, applications: 0, transport: { received: 0, kernelDrops: 0 } });
  });

  it('takes a renewed certificate over on SIGHUP', async () => {
    const authority = new TestAuthority();
    const files = tlsFiles(authority, authority.issue(['engine.test']));
    const tls = ['--sip', 'tls/127.0.0.1:0', '--tls-cert', files.certificateFile, '--tls-key', files.keyFile];
    const engine = run([...tls, '--control', '127.0.0.1:0'], { DRACHTIO_SECRET: 'sesame' });
    expect(await engine.line(0)).toMatch(/^sip tls\//);
    await engine.line(1);
    files.renew(authority.issue(['renewed.test']));
    engine.process.kill('SIGHUP');
    await waitFor('the renewal', () => engine.complaints.some((line) => line.includes('TLS certificate renewed')));
  });

  it.skipIf(networkInterfaces()['lo']?.some(({ family }) => family === 'IPv6') !== true)(
    'listens on IPv6',
    async () => {
      const engine = run(['--sip', 'udp/[::1]:0', '--control', '[::1]:0'], { DRACHTIO_SECRET: 'sesame' });
      expect(await engine.line(0)).toMatch(/^sip udp\/\[::1\]:\d+$/);
    },
  );

  it('tells all options, and that is no failure', async () => {
    const engine = run(['--help']);
    expect(await engine.end()).toBe(0);
    expect(engine.lines[0]).toMatch(/^Runs the SIP engine alone/);
    expect(engine.complaints).toEqual([]);
  });

  it('says in a line what is wrong with the command line, and ends with 2', async () => {
    const engine = run(['--sip', 'nonsense']);
    expect(await engine.end()).toBe(2);
    expect(engine.complaints).toEqual([
      '--sip nonsense: write it like udp/127.0.0.1:5060, tcp/… or tls/…',
      '(--help tells more)',
    ]);
  });

  it('says in a line why it cannot start, and ends with 1', async () => {
    const first = run([...base, '--secret', 'sesame']);
    const taken = (await first.line(0)).split(':')[1]!;
    const second = run(['--sip', `udp/127.0.0.1:${taken}`, '--control', '127.0.0.1:0', '--secret', 'sesame']);
    expect(await second.end()).toBe(1);
    expect(second.complaints).toEqual([
      `cannot listen on 127.0.0.1 port ${taken}: something listens there already; stop it or choose another port`,
    ]);
  });
});
