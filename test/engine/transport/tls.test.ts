import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { topVia } from '../../../sip/engine/message/via.ts';
import { resolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import type { StreamLimits } from '../../../sip/engine/transport/stream/connection.ts';
import type { TlsOptions } from '../../../sip/engine/transport/stream/tls-credentials.ts';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { responseTarget } from '../../../sip/engine/transport/transport-layer.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type Identity, TestAuthority, tlsFiles } from '../support/certificates.ts';
import { type OpenTransport, openLoopback, optionsRequest } from './peers.ts';

const authority = new TestAuthority();
const ours = authority.issue(['engine.test', '127.0.0.1']);
const request = optionsRequest({ via: 'SIP/2.0/TLS host.invalid:5099;branch=z9hG4bK1' });
const silence = (): never => {
  throw new Error('no error was expected');
};

interface Engine extends OpenTransport {
  readonly files: ReturnType<typeof tlsFiles>;
  readonly tls: Target;
}

async function openEngine(
  change: Partial<TlsOptions> = {},
  streams: Partial<StreamLimits> = {},
  identity = ours,
): Promise<Engine> {
  const files = tlsFiles(authority, identity);
  const opened = await openLoopback(['tls'], { tls: { ...files, ...change }, streams });
  return { ...opened, files, tls: opened.target('tls') };
}

/** A client that keeps what it hears; not connected yet. */
function dial(to: Target, options: ConnectionOptions = {}): { socket: TLSSocket; heard: () => string } {
  const socket = connect({
    port: to.port,
    host: to.address,
    ca: authority.cert,
    servername: 'engine.test',
    ...options,
  });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return { socket, heard: () => text };
}

/** A TLS server that keeps what it is told, by connection. */
async function listen({ cert, key }: Identity, options = {}): Promise<{ target: Target; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => {});
    let at = -1;
    socket.on('data', (chunk) => {
      if (at < 0) at = heard.push('') - 1;
      heard[at] += chunk.toString();
    });
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address!.port : 0;
  return { target: { protocol: 'tls', address: '127.0.0.1', port, serverName: 'bob.test' }, heard };
}

/** Unlike `once`, an error before is fine. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

async function errorOf(engine: Engine, target: Target): Promise<Error> {
  const errors: Error[] = [];
  engine.transport.send(request, target, (error) => errors.push(error));
  return waitFor('the error', () => errors[0]);
}

describe('TLS on loopback (RFC 3261 §26.3)', () => {
  it('exchanges messages both ways over the one connection', async () => {
    const [server, client] = [await openEngine(), await openEngine()];
    client.transport.send(request, { ...server.tls, serverName: 'engine.test' }, silence);
    const { message, flow } = await waitFor('the request', () => server.received[0]);
    expect(flow.protocol).toBe('tls');
    server.transport.send(request, responseTarget(topVia(message), flow), silence);
    const back = await waitFor('the answer', () => client.received[0]);
    expect(back.flow.localPort).toBe(flow.remotePort);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('takes clients of %s', async (version) => {
    const engine = await openEngine();
    dial(engine.tls, { minVersion: version, maxVersion: version }).socket.write(request);
    await waitFor('the request', () => engine.received[0]);
  });

  it('refuses TLS 1.1', async () => {
    const engine = await openEngine();
    const { socket } = dial(engine.tls, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' });
    await closed(socket);
    await waitFor('the count', () => engine.transport.counters.connectionsRefused === 1);
  });

  it('connects again for another name at the same address and port (RFC 5922 §7.3)', async () => {
    const engine = await openEngine();
    const { target, heard } = await listen(authority.issue(['bob.test', 'carol.test']));
    for (const name of ['bob.test', 'bob.test', 'carol.test']) {
      engine.transport.send(request, { ...target, serverName: name }, silence);
    }
    await waitFor('all three', () => heard.join('').length === 3 * request.length);
    expect(heard).toHaveLength(2);
  });
});

describe('the name a server has to prove (RFC 5922 §7.3)', () => {
  it.each([
    ['sips:bob@LocalHost:5071', { port: 5071, serverName: 'localhost' }],
    ['sip:localhost;transport=tls', { port: 5061, serverName: 'localhost' }],
  ])('is the host of %s, not its address', async (uri, expected) => {
    expect((await resolveTarget(uri, ['tls']))[0]).toMatchObject({ protocol: 'tls', ...expected });
  });

  it('is the address where the URI has one', async () => {
    const [target] = await resolveTarget('sip:192.0.2.1;transport=tls', ['tls']);
    expect(target).toEqual({ protocol: 'tls', address: '192.0.2.1', port: 5061 });
  });
});

describe('the server we connect to (RFC 5922 §7)', () => {
  it.each([
    ['a host name', 'bob.test', 'bob.test'],
    ['a host name in other letter case', 'Bob.Test', 'bob.test'],
    ['a SIP URI', 'sip:bob.test', 'bob.test'],
    ['an address', '127.0.0.1', '127.0.0.1'],
    ['a wildcard for one label', '*.bob.test', 'edge.bob.test'],
  ])('may prove itself with %s', async (_what, issued, name) => {
    const engine = await openEngine();
    const { target, heard } = await listen(authority.issue([issued]));
    engine.transport.send(request, { ...target, serverName: name }, silence);
    await waitFor('the request', () => heard[0]);
  });

  it.each([
    ['another name', 'eve.test'],
    ['a SIP URI with a user', 'sip:eve@bob.test'],
    ['a longer SIP domain', 'sip:bob.test.eve'],
    ['an address for a name', '127.0.0.1'],
  ])('is refused with %s, and told nothing', async (_what, issued) => {
    const engine = await openEngine();
    const { target, heard } = await listen(authority.issue([issued]));
    expect(await errorOf(engine, target)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(heard).toEqual([]);
  });

  it('is refused when nobody we know vouches for it, and told nothing', async () => {
    const engine = await openEngine();
    const { target, heard } = await listen(new TestAuthority('Test Authority').issue(['bob.test']));
    expect((await errorOf(engine, target)).message).toMatch(/certificate|signature/);
    expect(heard).toEqual([]);
  });

  it('is refused with a certificate whose time is over', async () => {
    const engine = await openEngine();
    const { target } = await listen(authority.issue(['bob.test'], -1));
    expect(await errorOf(engine, target)).toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  });

  it('may be anybody when told so dangerously', async () => {
    const engine = await openEngine({ dangerouslyAcceptAnyServer: true });
    const { target, heard } = await listen(new TestAuthority('Nobody').issue(['eve.test']));
    engine.transport.send(request, target, silence);
    await waitFor('the request', () => heard[0]);
  });

  it('sees our certificate when it asks', async () => {
    const engine = await openEngine();
    const { target, heard } = await listen(authority.issue(['bob.test']), { requestCert: true, ca: authority.cert });
    engine.transport.send(request, target, silence);
    await waitFor('the request', () => heard[0]);
  });

  it('is given up when it does not answer the handshake', async () => {
    const engine = await openEngine({}, { connectTimeoutMs: 50 });
    const { createServer: createPlain } = await import('node:net');
    const server = createPlain((socket) => void onTestFinished(() => void socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address!.port : 0;
    const target: Target = { protocol: 'tls', address: '127.0.0.1', port, serverName: 'bob.test' };
    expect((await errorOf(engine, target)).message).toBe('connect timed out');
  });
});

describe('the client that connects to us', () => {
  const known = authority.issue(['carrier.test']);
  const unknown = new TestAuthority('Nobody').issue(['carrier.test']);

  it.each([
    ['no', undefined, true],
    ['no', unknown, true],
    ['optional', undefined, true],
    ['optional', known, true],
    ['optional', unknown, false],
    ['required', known, true],
    ['required', undefined, false],
    ['required', unknown, false],
  ] as const)('with certificates %s and one of %o: %s', async (clientCertificates, shown, isTaken) => {
    const engine = await openEngine({ clientCertificates });
    const { socket } = dial(engine.tls, shown);
    socket.write(request);
    if (isTaken) await waitFor('the request', () => engine.received[0]);
    else {
      await closed(socket);
      await waitFor('the count', () => engine.transport.counters.connectionsRefused === 1);
      expect(engine.received).toEqual([]);
    }
  });
});

describe('clients that do not get as far as TLS', () => {
  it('disturb nobody: plain text, half a handshake, a reset, and then a good one', async () => {
    const engine = await openEngine({}, { handshakeTimeoutMs: 50 });
    const strangers = ['plain', 'silent', 'reset'].map(() => connectPlain(engine.tls.port, engine.tls.address));
    const [plain, silent, reset] = strangers;
    const gone = strangers.map((socket) => closed(socket.on('error', () => {})));
    await Promise.all(strangers.map((socket) => once(socket, 'connect')));
    plain!.write(request);
    silent!.write(Buffer.from([22, 3, 1]));
    reset!.resetAndDestroy();
    await Promise.all(gone);
    await waitFor('the counts', () => engine.transport.counters.connectionsRefused >= 2);
    dial(engine.tls).socket.write(request);
    await waitFor('the good one', () => engine.received.length === 1);
  });

  it('get few handshakes a second, which leaves others theirs', async () => {
    const engine = await openEngine({}, { handshakesPerSecond: 1 });
    const flood = Array.from({ length: 12 }, () => dial(engine.tls).socket);
    const secured = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('secureConnect', resolve));
    await Promise.all(flood.map((socket) => Promise.race([secured(socket), closed(socket)])));
    expect(flood.filter((socket) => socket.writable).length).toBeLessThanOrEqual(6);
    expect(engine.transport.counters.connectionsRefused).toBeGreaterThanOrEqual(6);
  });
});

describe('a renewed certificate', () => {
  const renewed = authority.issue(['renewed.test', 'engine.test']);
  const namesSeen = async (to: Target): Promise<string> => {
    const { socket } = dial(to);
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.subjectAltName ?? '';
  };

  it('is shown to new connections, and old ones go on', async () => {
    const engine = await openEngine();
    const { socket } = dial(engine.tls);
    socket.write(request);
    await waitFor('the first request', () => engine.received[0]);
    engine.files.renew(renewed);
    expect(await engine.transport.reloadCertificates()).toBe(true);
    expect(await namesSeen(engine.tls)).toContain('renewed.test');
    socket.write(request);
    await waitFor('the second request', () => engine.received[1]);
    expect(engine.received[1]!.flow.remotePort).toBe(engine.received[0]!.flow.remotePort);
  });

  it('is shown to the servers we connect to', async () => {
    const engine = await openEngine();
    const { target, heard } = await listen(authority.issue(['bob.test']), {
      requestCert: true,
      ca: authority.cert,
    });
    engine.files.renew(authority.issue(['later.test']));
    await engine.transport.reloadCertificates();
    engine.transport.send(request, target, silence);
    await waitFor('the request', () => heard[0]);
  });

  it.each([
    ['broken', { cert: 'nonsense', key: renewed.key }],
    ['not that of the key', { cert: renewed.cert, key: ours.key }],
    ['empty', { cert: '', key: '' }],
  ])('stays out when it is %s', async (_what, files) => {
    const engine = await openEngine();
    engine.files.renew(files);
    expect(await engine.transport.reloadCertificates()).toBe(false);
    expect(await namesSeen(engine.tls)).not.toContain('renewed.test');
    expect(engine.logged.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('last one stays') });
  });

  it('is warned of when it ends soon', async () => {
    const engine = await openEngine();
    expect(engine.logged).toEqual([]);
    engine.files.renew(authority.issue(['engine.test'], 3));
    await engine.transport.reloadCertificates();
    expect(engine.logged).toMatchObject([
      { level: 'info', message: 'TLS certificate renewed' },
      { level: 'warn', message: 'TLS certificate expires soon, renew it' },
    ]);
  });

  it('that went away is complained of once', async () => {
    const engine = await openEngine();
    rmSync(engine.files.keyFile);
    for (const expected of [false, false]) expect(await engine.transport.reloadCertificates()).toBe(expected);
    expect(engine.logged).toHaveLength(1);
    engine.files.renew(renewed);
    expect(await engine.transport.reloadCertificates()).toBe(true);
  });
});

describe('settings that cannot be used', () => {
  const openWith = (change: Partial<TlsOptions>): Promise<unknown> => openEngine(change);

  it.each([
    [
      'a certificate that is not there',
      { certificateFile: '/nowhere/cert.pem' },
      /cannot read the TLS file \/nowhere\/cert\.pem/,
    ],
    ['an authority that is none', { authoritiesFile: 'package.json' }, /package\.json begins with no PEM certificate/],
    ['a key that is none', { keyFile: 'package.json' }, /TLS certificate .*cert\.pem with key package\.json: /],
  ])('%s is said in one line', async (_what, change, expected) => {
    await expect(openWith(change)).rejects.toMatchObject({
      code: 'tls_credentials',
      message: expect.stringMatching(expected) as string,
    });
  });
});
