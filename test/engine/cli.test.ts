import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { RawApplication } from './support/raw-application.ts';

const run = (...args: string[]) => spawn(process.execPath, ['sip/engine/cli.ts', ...args], { stdio: 'pipe' });

describe('the engine alone', () => {
  it('prints its ports, lets applications in and ends on SIGTERM', async () => {
    const engine = run('--sip', 'udp/127.0.0.1:0', '--control', '127.0.0.1:0', '--secret', 'sesame');
    const lines: string[] = [];
    const output = createInterface({ input: engine.stdout });
    for await (const line of output) {
      lines.push(line);
      if (line.startsWith('control')) break;
    }
    expect(lines[0]).toMatch(/^sip udp\/127\.0\.0\.1:\d+$/);
    const application = await RawApplication.connect(Number(lines[1]!.split(' ')[1]));
    expect((await application.ask('authenticate|sesame|'))[0]).toBe('OK');
    const exit = once(engine, 'exit');
    engine.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
    application.socket.destroy();
  });

  it('says how it wants to be called', async () => {
    const engine = run('--sip', 'nonsense');
    const said: Buffer[] = [];
    engine.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    expect((await once(engine, 'close'))[0]).toBe(1);
    expect(Buffer.concat(said).toString()).toMatch(/^Usage: /);
  });
});
