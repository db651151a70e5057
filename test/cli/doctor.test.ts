import { createSocket, type Socket } from 'node:dgram';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Finding } from '../../src/doctor/finding.ts';
import { TestAuthority } from '../engine/support/test-authority.ts';
import { testAccount } from '../support/account.ts';
import { startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { runCli } from '../support/run-cli.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

let buyer: Socket;
let receiver: WebhookReceiver;
let folder: string;
let ports: { SIP_PORT: string; HTTP_PORT: string };

const SECRET = '0123456789abcdef0123456789abcdef\n';

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  buyer = createSocket('udp4');
  buyer.on('message', (request, { port, address }) => {
    const headers = String(request)
      .split('\r\n')
      .filter((line) => /^(Via|From|To|Call-ID|CSeq):/.test(line));
    buyer.send(['SIP/2.0 200 Nice to hear', ...headers, 'Content-Length: 0', '', ''].join('\r\n'), port, address);
  });
  await new Promise<void>((resolve) => buyer.bind(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'doctor-test-'));
  ports = { SIP_PORT: `${await freePort()}`, HTTP_PORT: `${await freePort()}` };
});
afterAll(async () => {
  buyer.close();
  await receiver.stop();
});

const accountOf = (uri = `sip:a@127.0.0.1:${buyer.address().port}`) =>
  testAccount({ buyers: { A: [uri] }, webhooks: receiver.url });

/** Runs it in a folder with this account; what it found, by what it looked at. */
async function examined(settings: Record<string, string> = {}, account: object | string = accountOf()) {
  writeFileSync(join(folder, 'account.yaml'), typeof account === 'string' ? account : stringify(account));
  const all = { ...ports, WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', ...settings };
  const { status, output, errors } = await runCli('doctor', ['--json'], all, folder);
  rmSync(folder, { recursive: true });
  expect(errors).toBe('');
  const { findings } = JSON.parse(output) as { findings: Finding[] };
  return { status, of: (what: string) => findings.find((each) => each.what === what), findings };
}

describe('bridge doctor', () => {
  it('finds nothing to mend where there is nothing, and says so in words', async () => {
    const { status, of, findings } = await examined();
    expect([status, findings.filter(({ state }) => state === 'bad')]).toEqual([0, []]);
    expect(of('buyer A')).toMatchObject({ state: 'good', text: expect.stringMatching(/answers 200 Nice to hear$/) });
    expect(of(`webhooks to 127.0.0.1:${receiver.port}`)).toMatchObject({ state: 'good' });
    expect(of('SIP address')).toMatchObject({
      state: 'doubtful',
      text: expect.stringContaining('only this machine can call'),
    });
    expect(of('account')).toMatchObject({ state: 'good', text: expect.stringContaining('1 carriers, 1 numbers') });
    expect(of('service')?.text).toBe('does not run here');
    for (const { state, remedy } of findings) expect(state === 'good').toBe(remedy === undefined);
  });

  it('tells by marks and colourless text at a terminal', async () => {
    writeFileSync(join(folder, 'account.yaml'), stringify(accountOf('sip:a@no-such-host.invalid')));
    const { status, output } = await runCli('doctor', [], ports, folder);
    rmSync(folder, { recursive: true });
    expect(status).toBe(1);
    expect(output).toMatch(/✗ buyer A: .*the name has no address\n {2}→ correct the name in the account file\n/);
  });

  it('knows a service that runs: its ports are its own', async () => {
    const bridge = await startBridge(accountOf(), ports);
    try {
      const { output } = await runCli('doctor', ['--json'], ports, bridge.folder);
      const { findings } = JSON.parse(output) as { findings: Finding[] };
      const texts = new Map(findings.map(({ what, text }) => [what, text]));
      expect(texts.get('service')).toBe('runs and takes calls');
      expect(texts.get('ports')).toBe('the service holds them');
      expect(texts.get('database')).toMatch(/bridge\.sqlite, \d+ MB$/);
    } finally {
      await bridge.stop();
    }
  });

  it('sees a port somebody else has', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { status, of } = await examined({ HTTP_PORT: `${port}` });
    await new Promise((resolve) => server.close(resolve));
    expect(status).toBe(1);
    expect(of('postback API')).toMatchObject({ state: 'bad', text: `127.0.0.1:${port} is taken` });
  });

  it('sees a secret that others can read, one that is missing beside a database, and a damaged database', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeFileSync(join(data, 'call-key.secret'), SECRET);
    chmodSync(join(data, 'call-key.secret'), 0o644);
    writeFileSync(join(data, 'bridge.sqlite'), 'this is no database, whatever its name says'.repeat(100));
    const open = await examined();
    expect(open.status).toBe(1);
    expect(open.of('secret')).toMatchObject({ state: 'bad', remedy: 'chmod 600 data/call-key.secret' });
    expect(open.of('database')).toMatchObject({ state: 'bad', remedy: expect.stringContaining('bridge restore') });

    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, 'bridge.sqlite'), '');
    expect((await examined()).of('secret')).toMatchObject({ state: 'bad', text: 'data/call-key.secret is missing' });
  });

  it('sees certificates that run out, and one that is none', async () => {
    const authority = new TestAuthority();
    const files = (days: number) => {
      const { cert, key } = authority.issue(['bridge.example'], days);
      writeFileSync(join(folder, 'cert.pem'), cert);
      writeFileSync(join(folder, 'key.pem'), key);
      return { HTTP_TLS_CERTIFICATE_FILE: 'cert.pem', HTTP_TLS_KEY_FILE: 'key.pem' };
    };
    const soon = await examined(files(5));
    expect(soon.of('HTTP certificate')).toMatchObject({
      state: 'doubtful',
      text: expect.stringMatching(/DNS:bridge\.example, good for [45] days/),
    });
    mkdirSync(folder);
    expect((await examined(files(-1))).of('HTTP certificate')).toMatchObject({
      state: 'bad',
      text: expect.stringContaining('has run out'),
    });
    mkdirSync(folder);
    const settings = files(5);
    writeFileSync(join(folder, 'cert.pem'), 'no certificate');
    expect((await examined(settings)).of('HTTP certificate')).toMatchObject({ state: 'bad' });
  });

  it('sees an account that cannot be used, a misspelt token, and a webhook nobody may reach', async () => {
    expect((await examined({}, 'carriers: [')).of('account')).toMatchObject({ state: 'bad' });
    mkdirSync(folder);
    const account = testAccount({
      buyers: { A: [`sip:a@127.0.0.1:${buyer.address().port}`] },
      campaignSettings: { webhooks: [{ id: 'crm', trigger: 'ended', url: 'https://169.254.169.254/[caller_nunber]' }] },
    });
    const { status, of } = await examined({}, account);
    expect(status).toBe(0);
    expect(of('webhook crm')).toMatchObject({ state: 'doubtful', text: expect.stringContaining('[caller_nunber]') });
    expect(of('webhooks to 169.254.169.254')).toMatchObject({
      remedy: expect.stringContaining('WEBHOOK_ALLOWED_NETWORKS'),
    });
  });
});
