import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ControlServer } from '../../../sip/engine/control/control-server.ts';
import { MAX_QUEUED_BYTES } from '../../../sip/engine/control/frame-writer.ts';
import { RouteTable } from '../../../sip/engine/control/route-table.ts';
import type { UserAgent } from '../../../sip/engine/dialog/user-agent.ts';
import { StatefulProxy } from '../../../sip/engine/proxy/stateful-proxy.ts';
import { EndOfTurn } from '../../../sip/engine/transport/end-of-turn.ts';
import { resolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { connectCall } from '../support/bridged-call.ts';
import { DialogRig } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';
import { RawApplication } from '../support/raw-application.ts';

const contextOf = (userAgent: UserAgent, routes: RouteTable) => ({
  userAgent,
  routes,
  proxy: new StatefulProxy(userAgent.transactions, resolveTarget, userAgent),
});

describe('a hostile or broken application disturbs nobody else', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const frame = (payload: string): string => `${Buffer.byteLength(payload)}#${payload}`;

  it.each([
    ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
    ['a length with too many digits', '9999999999#x'],
    ['a frame too long for a stranger', `${frame(`id|authenticate|${'x'.repeat(5_000)}|`)}`],
    ['a frame without an id', frame('|authenticate|sesame|')],
    ['a command before it has authenticated', frame('id|sip||\r\nOPTIONS sip:bob@127.0.0.1 SIP/2.0\r\n\r\n')],
    ['a frame too long for anybody', `${frame('id|authenticate|sesame|')}99999999#x`],
    ['an empty frame', `${frame('id|authenticate|sesame|')}0#`],
  ])('%s: its connection is closed, calls go on', async (_, bytes) => {
    const { aliceCall } = await connectCall(rig);
    const hostile = await RawApplication.connect(rig.engine.controlPort);
    hostile.socket.write(bytes);
    await hostile.closed;
    aliceCall.request('INFO');
    await rig.alice.receive(200);
    expect(rig.engine.stats().applications).toBe(1);
  });

  it('half a frame and then silence, or the end', async () => {
    const { aliceCall } = await connectCall(rig);
    const hostile = await RawApplication.connect(rig.engine.controlPort);
    hostile.socket.write(frame('id|authenticate|sesame|').slice(0, 10));
    aliceCall.request('INFO');
    await rig.alice.receive(200);
    hostile.socket.destroy();
    await eventually(() => rig.engine.stats().applications === 1);
  });

  it.each([
    ['a response to nothing', 'sip|no-such-transaction|\r\nSIP/2.0 200 OK\r\n\r\n'],
    ['a request in a dialog that is not there', 'sip||no;from-tag=such\r\nBYE sip:x SIP/2.0\r\n\r\n'],
    ['a request in the name of a transaction', 'sip|some-transaction|\r\nBYE sip:x SIP/2.0\r\n\r\n'],
    ['no SIP at all', 'sip||\r\nhello'],
    ['no message', 'sip||'],
    ['a Request-URI that is none', 'sip||\r\nOPTIONS :::: SIP/2.0\r\n\r\n'],
    ['a line break in a header value', 'sip||\r\nOPTIONS sip:bob@192.0.2.1;transport=sctp SIP/2.0\r\n\r\n'],
    ['a command nobody knows', 'dance|tango'],
    ['a command called like a part of JavaScript', 'constructor|x'],
  ])('%s is refused with a reason, and the connection stays', async (_, command) => {
    const application = await RawApplication.connect(rig.engine.controlPort);
    await application.ask('authenticate|sesame|');
    const [outcome, reason] = await application.ask(command);
    expect(outcome).toBe('NOK');
    expect(reason).toMatch(/\w{3}/);
    expect(await application.ask('ping')).toEqual(['OK', 'pong']);
    application.socket.destroy();
  });

  it('a header value with a line break in it is left out: nothing can be smuggled onto the wire', async () => {
    const application = await RawApplication.connect(rig.engine.controlPort);
    await application.ask('authenticate|sesame|');
    const headers = ['From: "a\nX-Smuggled: yes" <sip:a@example.com>', 'Subject: one\rX-Smuggled: yes', 'X-Plain: yes'];
    const command = `sip||\r\nOPTIONS ${rig.bob.uri} SIP/2.0\r\n${headers.join('\r\n')}\r\n\r\n`;
    expect((await application.ask(command))[0]).toBe('OK');
    const options = await rig.bob.receive('OPTIONS');
    expect(options.headers.get('X-Plain')).toBe('yes');
    expect(options.headers.has('X-Smuggled')).toBe(false);
    expect(options.headers.has('Subject')).toBe(false);
    application.socket.destroy();
  });

  it('one that hangs up in the middle of its calls loses only them', async () => {
    const { aliceCall } = await connectCall(rig);
    const other = await RawApplication.connect(rig.engine.controlPort);
    await other.ask('authenticate|sesame|');
    await other.ask('route|message');
    const carol = await rig.anotherPhone('carol');
    carol.newCall(rig.port).request('MESSAGE');
    await other.receive();
    other.socket.destroy();
    await carol.receive(500);
    aliceCall.request('INFO');
    await rig.alice.receive(200);
  });
});

describe('an application that does not authenticate', () => {
  it('is let go after a while', async () => {
    const userAgent = new DialogRig().agent;
    const lost: unknown[] = [];
    const log = (_level: string, _message: string, { err }: Record<string, unknown>) => void lost.push(err);
    const options = {
      address: '127.0.0.1',
      port: 0,
      secret: 'sesame',
      endOfTurn: new EndOfTurn(),
      log,
      authenticateWithinMs: 50,
    };
    const server = await ControlServer.listen(options, contextOf(userAgent, new RouteTable()));
    const silent = await RawApplication.connect(server.port);
    const known = await RawApplication.connect(server.port);
    await known.ask('authenticate|sesame|');
    await silent.closed;
    expect(String(lost[0])).toMatch(/no authentication in time/);
    expect(await known.ask('ping')).toEqual(['OK', 'pong']);
    known.socket.destroy();
    await server.close();
  });
});

describe('an application that stops reading', () => {
  it('is taken for dead before it fills the memory; the others are served on', async () => {
    const rig = new DialogRig();
    const routes = new RouteTable();
    const lost: unknown[] = [];
    const log = (_level: string, _message: string, { err }: Record<string, unknown>) => void lost.push(err);
    const options = { address: '127.0.0.1', port: 0, secret: 'sesame', endOfTurn: new EndOfTurn(), log };
    const server = await ControlServer.listen(options, contextOf(rig.agent, routes));
    const [deaf, other] = [await RawApplication.connect(server.port), await RawApplication.connect(server.port)];
    for (const application of [deaf, other]) await application.ask('authenticate|sesame|');
    await deaf.ask('route|message');
    const application = routes.applicationFor('MESSAGE')!;
    deaf.socket.pause();
    const message = request('MESSAGE', { body: 'x'.repeat(1_000_000) });
    const flow = { protocol: 'udp', localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0 } as const;
    for (let n = 0; n < 100 && lost.length === 0; n += 1) {
      application.deliverRequest(message, flow, { transactionId: `t${n}`, dialogId: '' });
      await new Promise((resolve) => setImmediate(resolve));
      expect(server.longestQueueBytes).toBeLessThan(MAX_QUEUED_BYTES + 2_000_000);
    }
    expect(String(lost[0])).toMatch(/does not read/);
    expect(await other.ask('ping')).toEqual(['OK', 'pong']);
    for (const { socket } of [deaf, other]) socket.destroy();
    await server.close();
  });

  it('and says its last gets no calls any more, and is let go soon', async () => {
    const rig = new DialogRig();
    const routes = new RouteTable();
    const options = { address: '127.0.0.1', port: 0, secret: 'sesame', endOfTurn: new EndOfTurn(), log: () => {} };
    const server = await ControlServer.listen(options, contextOf(rig.agent, routes));
    const deaf = await RawApplication.connect(server.port);
    await deaf.ask('authenticate|sesame|');
    await deaf.ask('route|message');
    const application = routes.applicationFor('MESSAGE')!;
    deaf.socket.pause();
    const message = request('MESSAGE', { body: 'x'.repeat(1_000_000) });
    const flow = { protocol: 'udp', localAddress: '', localPort: 0, remoteAddress: '', remotePort: 0 } as const;
    for (let n = 0; n < 20; n += 1) application.deliverRequest(message, flow, { transactionId: `t${n}`, dialogId: '' });
    deaf.socket.end();
    await eventually(() => routes.applicationFor('MESSAGE') === undefined);
    expect(application.isConnected).toBe(false);
    expect(server.longestQueueBytes).toBeGreaterThan(0);
    await eventually(() => server.connections === 0);
    deaf.socket.destroy();
    await server.close();
  });
});
