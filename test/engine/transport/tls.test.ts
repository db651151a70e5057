import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topVia } from '../../../sip/engine/message/via.ts';
import { resolveTarget } from '../../../sip/engine/transport/resolver.ts';
import { TlsCredentials, type TlsOptions } from '../../../sip/engine/transport/tls-credentials.ts';
import { openTransport, responseTarget } from '../../../sip/engine/transport/transport-layer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { openLoopback, optionsRequest } from './peers.ts';

const file = (name: string): string => join(import.meta.dirname, 'certificates', name);
const tlsOf = (name: string, more: Partial<TlsOptions> = {}): TlsOptions => ({
  certificateFile: file(`${name}.pem`),
  keyFile: file(`${name}.key`),
  authoritiesFile: file('authority.pem'),
  ...more,
});

const request = optionsRequest({ via: 'SIP/2.0/TLS host.invalid:5099;branch=z9hG4bK1' });
const silence = (error: Error): never => {
  throw error;
};

/** What becomes of one message sent: undefined when nothing is heard of it. */
function outcome(send: (onError: (error: Error) => void) => void): { error: Error | undefined } {
  const result: { error: Error | undefined } = { error: undefined };
  send((error) => {
    result.error = error;
  });
  return result;
}

/** A client of our own making; resolves with what became of it. */
async function dial(
  port: number,
  options: ConnectionOptions = {},
): Promise<{ socket: TLSSocket; closed: () => boolean }> {
  let isClosed = false;
  const socket = connect({ port, host: '127.0.0.1', ca: readFileSync(file('authority.pem')), ...options });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
  });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve) => {
    socket.once('secureConnect', () => resolve());
    socket.once('close', () => resolve());
  });
  return { socket, closed: () => isClosed };
}

describe('TLS (RFC 3261 §26.2)', () => {
  it('listens beside UDP and TCP on any free ports', async () => {
    const server = await openLoopback(['udp', 'tcp', 'tls'], { tls: tlsOf('server') });
    expect(server.target('tcp').port).toBe(server.target('udp').port);
    expect(server.target('tls').port).not.toBe(server.target('tcp').port);
  });

  it('carries messages both ways over one connection, the server being who it says', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('server') });
    const client = await openLoopback(['tls'], { tls: tlsOf('client') });
    client.transport.send(request, server.target('tls'), silence);
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(flow.protocol).toBe('tls');
    server.transport.send(request, responseTarget(topVia(message), flow), silence);
    const back = await waitFor('the answer', () => client.received[0]);
    expect(back.flow.remotePort).toBe(server.target('tls').port);
  });

  it('checks the name of the URI, not only that somebody known signed (RFC 5922 §7.2)', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('elsewhere') });
    const client = await openLoopback(['tls'], { tls: tlsOf('client') });
    const result = outcome((onError) => client.transport.send(request, server.target('tls'), onError));
    await waitFor('the refusal', () => result.error);
    expect(result.error?.message).toMatch(/does not match certificate/);
    expect(server.received).toEqual([]);
    const named = { ...server.target('tls'), serverName: 'elsewhere.example.com' };
    client.transport.send(request, named, silence);
    await waitFor('the request under the right name', () => server.received[0]);
  });

  it('does not talk to a server nobody known signed for, unless told to', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('server') });
    const stranger = { authoritiesFile: file('stranger.pem') };
    const careful = await openLoopback(['tls'], { tls: tlsOf('client', stranger) });
    const result = outcome((onError) => careful.transport.send(request, server.target('tls'), onError));
    await waitFor('the refusal', () => result.error);
    expect(server.received).toEqual([]);
    const careless = await openLoopback(['tls'], {
      tls: tlsOf('client', { ...stranger, dangerouslyAcceptAnyServer: true }),
    });
    careless.transport.send(request, server.target('tls'), silence);
    await waitFor('the request', () => server.received[0]);
  });

  it('does not reuse a connection that was checked for another name', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('server') });
    const client = await openLoopback(['tls'], { tls: tlsOf('client') });
    const target = server.target('tls');
    for (const serverName of ['localhost', 'sip.example.com', 'localhost']) {
      client.transport.send(request, { ...target, serverName }, silence);
    }
    await waitFor('all three', () => server.received.length === 3);
    expect(new Set(server.received.map(({ flow }) => flow.remotePort)).size).toBe(2);
  });

  it('takes the name to check from the URI, through the look-up', async () => {
    const [target] = await resolveTarget('sips:bob@localhost:5071', ['tls']);
    expect(target).toMatchObject({ protocol: 'tls', port: 5071, serverName: 'localhost' });
    const [literal] = await resolveTarget('sip:192.0.2.1;transport=tls', ['tls']);
    expect(literal).toEqual({ protocol: 'tls', address: '192.0.2.1', port: 5061 });
  });

  it.each([
    ['required', 'none', true],
    ['required', 'good', false],
    ['required', 'bad', true],
    ['optional', 'none', false],
    ['optional', 'good', false],
    ['optional', 'bad', true],
    ['no', 'bad', false],
  ] as const)('client certificates %s: one with %s is let go: %s', async (clientCertificates, shown, isRefused) => {
    // The engine trusts one authority; a certificate that signed itself is none of theirs.
    const server = await openLoopback(['tls'], { tls: tlsOf('server', { clientCertificates }) });
    const own = { none: undefined, good: 'client', bad: 'stranger-client' }[shown];
    const credentials =
      own === undefined ? {} : { cert: readFileSync(file(`${own}.pem`)), key: readFileSync(file(`${own}.key`)) };
    const { socket, closed } = await dial(server.target('tls').port, { servername: 'localhost', ...credentials });
    if (!closed()) socket.write(request);
    await waitFor('the outcome', () => closed() || server.received.length > 0);
    expect([closed(), server.received.length]).toEqual([isRefused, isRefused ? 0 : 1]);
  });

  it('lets whoever does not speak TLS go, counts it, and serves the others', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('server') });
    const { port } = server.target('tls');
    const plain = connectPlain(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void plain.destroy());
    let isClosed = false;
    plain.on('close', () => {
      isClosed = true;
    });
    plain.write(request);
    await waitFor('the plain connection closed', () => isClosed);
    expect(server.transport.counters.connectionsRefused).toBe(1);
    const { socket } = await dial(port, { servername: 'localhost' });
    socket.write(request);
    await waitFor('the request', () => server.received[0]);
  });

  it('refuses what is older than TLS 1.2', async () => {
    const server = await openLoopback(['tls'], { tls: tlsOf('server') });
    const old: ConnectionOptions = {
      servername: 'localhost',
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    };
    const { closed } = await dial(server.target('tls').port, old);
    await waitFor('the connection closed', closed);
    expect(server.received).toEqual([]);
  });
});

describe('certificate files', () => {
  /** Copies of the files that can be written to. */
  function copied(name: string): TlsOptions {
    const folder = mkdtempSync(join(tmpdir(), 'tls-'));
    const options = { certificateFile: join(folder, 'c.pem'), keyFile: join(folder, 'k.pem') };
    copyFileSync(file(`${name}.pem`), options.certificateFile);
    copyFileSync(file(`${name}.key`), options.keyFile);
    return options;
  }

  const subjectOf = async (port: number): Promise<string> => {
    const { socket } = await dial(port, { servername: 'localhost' });
    return socket.getPeerCertificate().subject.CN as string;
  };

  it('that are renewed are used for new connections; those that are open stay', async () => {
    const files = copied('server');
    const logged: string[] = [];
    const log = (_level: string, message: string) => void logged.push(message);
    const credentials = await TlsCredentials.load(files, log);
    onTestFinished(() => credentials.close());
    const { openTls } = await import('../../../sip/engine/transport/tls.ts');
    const { ConnectionPool } = await import('../../../sip/engine/transport/connection-pool.ts');
    const { defaultStreamLimits } = await import('../../../sip/engine/transport/connection.ts');
    const received: string[] = [];
    const endpoint = await openTls({ protocol: 'tls', address: '127.0.0.1', port: 0 }, credentials, {
      pool: new ConnectionPool(),
      limits: defaultStreamLimits,
      receive: (bytes) => received.push(bytes.toString().slice(0, 7)),
      onRefused: () => {},
    });
    onTestFinished(() => endpoint.close());
    const before = await dial(endpoint.point.port, { servername: 'localhost' });
    expect(before.socket.getPeerCertificate().subject.CN).toBe('server');

    copyFileSync(file('renewed.pem'), files.certificateFile);
    await credentials.reloadIfChanged();
    expect(logged).toEqual(['TLS certificate cannot be renewed, the last one stays in use']);
    expect(await subjectOf(endpoint.point.port)).toBe('server');

    copyFileSync(file('renewed.key'), files.keyFile);
    await credentials.reloadIfChanged();
    expect(logged.at(-1)).toBe('TLS certificate renewed');
    expect(await subjectOf(endpoint.point.port)).toBe('renewed');
    before.socket.write(request);
    await waitFor('a request over the old connection', () => received[0]);
  });

  it.each([
    [
      'missing',
      (options: TlsOptions) => ({ ...options, certificateFile: '/nowhere/c.pem' }),
      /cannot read the TLS file \/nowhere\/c\.pem/,
    ],
    ['of another key', (options: TlsOptions) => ({ ...options, keyFile: file('renewed.key') }), /key values mismatch/],
    [
      'no certificate',
      (options: TlsOptions) => {
        writeFileSync(options.certificateFile, 'hello');
        return options;
      },
      /TLS certificate .*c\.pem with key .*k\.pem: /,
    ],
  ])('that are %s stop the start with a message that names them', async (_, change, message) => {
    const tls = change(copied('server'));
    const listen = [{ protocol: 'tls', address: '127.0.0.1', port: 0 } as const];
    await expect(openTransport({ listen, tls, user: { onMessage: () => {} } })).rejects.toThrow(message);
  });
});
