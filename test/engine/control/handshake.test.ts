import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineHandle } from '../../../sip/engine/index.ts';
import { startEngine } from '../../../sip/engine/index.ts';
import { connect, disconnect, eventually } from '../support/bridge-rig.ts';
import { Phone } from '../support/phone.ts';
import { RawApplication } from '../support/raw-application.ts';

describe('control connection', () => {
  let engine: EngineHandle;
  let applications: RawApplication[];
  beforeEach(async () => {
    applications = [];
    engine = await startEngine({
      listen: [
        { protocol: 'udp', address: '127.0.0.1', port: 0, advertisedAddress: '198.51.100.7' },
        { protocol: 'tcp', address: '127.0.0.1', port: 0 },
      ],
      control: { address: '127.0.0.1', port: 0 },
      secret: 'sesame',
    });
  });
  afterEach(async () => {
    for (const { socket } of applications) socket.destroy();
    await engine.close();
  });

  const open = async (secret?: string) => {
    const application = await RawApplication.connect(engine.controlPort);
    applications.push(application);
    if (secret !== undefined) expect((await application.ask(`authenticate|${secret}|`))[0]).toBe('OK');
    return application;
  };

  it('answers the right secret with advertised and bound addresses and a version', async () => {
    const [udp, tcp] = engine.listeningPoints.map(({ port }) => port);
    expect(await (await open()).ask('authenticate|sesame|tag')).toEqual([
      'OK',
      `udp/198.51.100.7:${udp},tcp/127.0.0.1:${tcp}`,
      expect.stringMatching(/^v\d+\.\d+\.\d+$/),
      `udp/127.0.0.1:${udp},tcp/127.0.0.1:${tcp}`,
    ]);
  });

  for (const secret of ['wrong', '', 'sesam', 'sesamee']) {
    it(`answers the secret "${secret}" with NO and closes`, async () => {
      const application = await open();
      expect((await application.ask(`authenticate|${secret}|`))[0]).toBe('NO');
      await application.closed;
    });
  }

  it('obeys nobody who has not authenticated', async () => {
    const application = await open();
    expect((await application.ask('route|invite'))[0]).toBe('NO');
    await application.closed;
  });

  it('tells drachtio-srf that the secret is wrong', async () => {
    await expect(connect(engine, 'wrong')).rejects.toThrow();
  });

  it('closes a connection that sends something else than frames, and goes on serving', async () => {
    const application = await open('sesame');
    application.socket.write('GET / HTTP/1.1\r\n\r\n');
    await application.closed;
    expect(await (await open('sesame')).ask('ping')).toEqual(['OK', 'pong']);
  });

  it('answers ping, route, remove_route; refuses what it does not know', async () => {
    const application = await open('sesame');
    expect(await application.ask('ping')).toEqual(['OK', 'pong']);
    expect(await application.ask('route|invite')).toEqual(['OK']);
    expect(await application.ask('route|invite')).toEqual(['OK']);
    expect(await application.ask('remove_route|invite')).toEqual(['OK']);
    expect((await application.ask('dance'))[0]).toBe('NOK');
  });

  it('keeps the other routes of a connection that removes one', async () => {
    const application = await open('sesame');
    for (const verb of ['route|options', 'route|message', 'remove_route|message']) await application.ask(verb);
    const phone = await Phone.open('alice');
    phone.newCall(engine.listeningPoints[0]!.port).request('OPTIONS');
    expect(await application.receive()).toContain('\r\nOPTIONS sip:service@');
    phone.newCall(engine.listeningPoints[0]!.port).request('MESSAGE');
    await phone.receive(503);
    phone.close();
  });

  it('gives several connections turns, and none to one that has left', async () => {
    const [first, second] = [await open('sesame'), await open('sesame')];
    for (const application of [first, second]) await application.ask('route|options');
    const phone = await Phone.open('alice');
    const ask = () => phone.newCall(engine.listeningPoints[0]!.port).request('OPTIONS');
    ask();
    await first.receive();
    ask();
    await second.receive();
    first.socket.destroy();
    await eventually(() => engine.stats().applications === 1);
    for (let n = 0; n < 3; n += 1) {
      ask();
      await second.receive();
    }
    phone.close();
  });

  it('writes the frame of a new request to the letter', async () => {
    const application = await open('sesame');
    await application.ask('route|options');
    const phone = await Phone.open('alice');
    const port = engine.listeningPoints[0]!.port;
    phone.newCall(port).request('OPTIONS');
    const frame = await application.receive();
    expect(frame).toMatch(
      new RegExp(
        `^f\\d+\\|sip\\|network\\|\\d+\\|udp\\|127\\.0\\.0\\.1\\|${phone.port}\\|\\d\\d:\\d\\d:\\d\\d\\.\\d{6}` +
          `\\|[a-z2-7]{26}\\|\\|127\\.0\\.0\\.1\\|${port}\\|\\r\\nOPTIONS sip:service@127\\.0\\.0\\.1:${port} SIP/2\\.0\\r\\n`,
      ),
    );
    expect(Number(frame.split('|')[3])).toBe(Buffer.byteLength(frame.slice(frame.indexOf('\r\n') + 2)));
    expect(frame).toMatch(/\r\nContent-Length: 0\r\n\r\n$/);
    phone.close();
  });

  it('writes the acknowledgements of what was sent to the letter', async () => {
    const application = await open('sesame');
    await application.ask('route|options');
    const phone = await Phone.open('alice');
    const id = application.send(`sip||\r\nOPTIONS ${phone.uri} SIP/2.0\r\nContent-Length: 99\r\n\r\n`);
    const meta = `OK\\|application\\|\\d+\\|udp\\|127\\.0\\.0\\.1\\|${phone.port}\\|[\\d:.]{15}`;
    expect(await application.receive()).toMatch(
      new RegExp(`^f\\d+\\|response\\|${id}\\|${meta}\\|[a-z2-7]{26}\\|Msg sent:\\|\\r\\nOPTIONS sip:`),
    );
    await phone.receive('OPTIONS');
    phone.newCall(engine.listeningPoints[0]!.port).request('OPTIONS');
    const transactionId = (await application.receive()).split('|')[8];
    const answer = application.send(`sip|${transactionId}|\r\nSIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n`);
    expect(await application.receive()).toMatch(
      new RegExp(
        `^f\\d+\\|response\\|${answer}\\|${meta}\\|${transactionId}\\|\\|\\|Msg sent:\\|\\r\\nSIP/2\\.0 200 OK`,
      ),
    );
    phone.close();
  });

  it('refuses nonsense with a reason and stays connected', async () => {
    const application = await open('sesame');
    const body = '\r\nContent-Length: 0\r\n\r\n';
    const own = engine.listeningPoints[0]!.port;
    for (const [command, reason] of [
      [`sip|nope|\r\nSIP/2.0 200 OK${body}`, 'unable to find transaction'],
      [`sip||no;from-tag=such\r\nBYE sip:placeholder SIP/2.0${body}`, 'unable to find dialog'],
      [`sip||no;from-tag=such\r\nACK sip:placeholder SIP/2.0${body}`, 'no 2xx is waiting'],
      [`sip|nope|\r\nCANCEL sip:x@127.0.0.1 SIP/2.0${body}`, 'unable to find transaction'],
      [`sip|nope|\r\nINFO sip:x@127.0.0.1 SIP/2.0${body}`, 'not CANCEL'],
      [`sip||\r\nINVITE http://127.0.0.1 SIP/2.0${body}`, 'Request-URI'],
      [`sip||\r\nINVITE tel:+1555 SIP/2.0${body}`, 'Request-URI'],
      [`sip||\r\nINVITE sip:x@127.0.0.1;transport=tls SIP/2.0${body}`, 'no transport'],
      [`sip||\r\nINVITE sip:x@127.0.0.1:${own} SIP/2.0${body}`, 'address of this server'],
      ['sip||\r\nMESSAGE sip:x@127.0.0.1:9 SIP/2.0\r\n\r\nhello', 'Content-Type'],
      ['sip||\r\nhello', 'neither a SIP request nor a response'],
      ['sip', 'neither a SIP request nor a response'],
    ] as const) {
      const [verdict, text] = await application.ask(command);
      expect([command, verdict, text]).toEqual([command, 'NOK', expect.stringContaining(reason)]);
    }
    expect(await application.ask('ping')).toEqual(['OK', 'pong']);
  });

  it('tells a request to a name that does not exist 503, after its OK', async () => {
    const application = await open('sesame');
    const id = application.send('sip||\r\nOPTIONS sip:x@no-such-host.invalid SIP/2.0\r\nContent-Length: 0\r\n\r\n');
    expect(await application.receive()).toContain(`|response|${id}|OK|application|`);
    expect(await application.receive()).toContain('SIP/2.0 503 DNS Error');
  });

  it('lets drachtio-srf come and go', async () => {
    for (let n = 0; n < 3; n += 1) {
      const srf = await connect(engine);
      srf.use('message', () => {});
      await eventually(() => engine.stats().applications === 1);
      disconnect(srf);
      await eventually(() => engine.stats().applications === 0);
    }
  });
});
