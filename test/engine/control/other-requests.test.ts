import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BridgeRig } from '../support/bridge-rig.ts';
import { sdpOf } from '../support/phone.ts';

describe('requests outside calls', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const send = (method: string, options: object = {}) =>
    new Promise<Srf.SrfResponse>((resolve, reject) => {
      // The types of drachtio-srf know another signature than its code.
      const request = rig.srf.request.bind(rig.srf) as unknown as (
        uri: string,
        options: object,
        callback: (error: Error | null, req: Srf.SrfRequest) => void,
      ) => void;
      request(rig.bob.uri, { method, ...options }, (error, req) => {
        if (error) reject(error);
        else req.on('response', (res) => resolve(res!));
      });
    });

  for (const method of ['REGISTER', 'OPTIONS', 'MESSAGE', 'NOTIFY', 'PUBLISH', 'INFO']) {
    it(`${method} comes in and is answered (RFC 3261 §8.2)`, async () => {
      rig.srf.use(method.toLowerCase(), (_req, res) => res.send(202, { headers: { 'X-Seen': method } }));
      rig.alice.newCall(rig.port).request(method);
      const answer = await rig.alice.receive(202);
      expect(answer.headers.get('X-Seen')).toBe(method);
      expect(answer.headers.get('To')).toMatch(/;tag=[a-z2-7]{16}$/);
      expect(answer.headers.has('Contact')).toBe(false);
    });

    it(`${method} goes out and is answered (RFC 3261 §8.1)`, async () => {
      const answered = send(method);
      const request = await rig.bob.receive(method);
      expect(request.headers.has('Contact')).toBe(false);
      expect(request.headers.get('Max-Forwards')).toBe('70');
      rig.bob.reply(request, 200, 'OK', { headers: { 'X-Seen': method } });
      expect((await answered).get('X-Seen')).toBe(method);
    });
  }

  it('are tried again with credentials after a 401 (RFC 3261 §22.2)', async () => {
    const answered = send('REGISTER', { auth: { username: 'user', password: 'secret' } });
    const first = await rig.bob.receive('REGISTER');
    const challenge = { 'WWW-Authenticate': 'Digest realm="bob", nonce="n1", algorithm=MD5' };
    rig.bob.reply(first, 401, 'Unauthorized', { headers: challenge });
    const second = await rig.bob.receive('REGISTER');
    expect(second.headers.get('Authorization')).toContain('nonce="n1"');
    expect(second.headers.get('Call-ID')).toBe(first.headers.get('Call-ID'));
    rig.bob.reply(second, 200, 'OK');
    expect((await answered).status).toBe(200);
  });

  it('go to the proxy the application names', async () => {
    const dialog = rig.srf.createUAC('sip:bob@sip.example.com', {
      localSdp: sdpOf('app'),
      proxy: `sip:127.0.0.1:${rig.bob.port}`,
    });
    const invite = await rig.bob.receive('INVITE');
    expect(invite.uri).toBe('sip:bob@sip.example.com');
    expect(invite.headers.has('Route')).toBe(false);
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    await rig.bob.receive('ACK');
    await dialog;
  });

  it('survive a body that is not ASCII, in bytes (RFC 3261 §20.14)', async () => {
    const body = 'Grüße 👋';
    const answered = send('MESSAGE', { body, headers: { 'Content-Type': 'text/plain;charset=utf-8' } });
    const message = await rig.bob.receive('MESSAGE');
    expect(message.body.toString()).toBe(body);
    expect(message.headers.get('Content-Length')).toBe(`${Buffer.byteLength(body)}`);
    rig.bob.reply(message, 200, 'OK');
    await answered;
  });

  it('of a strange method get 501 when nobody wants them', async () => {
    rig.alice.newCall(rig.port).request('JUGGLE');
    await rig.alice.receive(501);
  });
});

describe('packets that are no SIP', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  it('are dropped, or answered 400 and 505 where possible; calls go on (RFC 3261 §8.2.6)', async () => {
    const { alice } = rig;
    rig.srf.use('options', (_req, res) => res.send(200));
    const complete = (headers: string, version = 'SIP/2.0') =>
      `OPTIONS sip:x@127.0.0.1 ${version}\r\nVia: SIP/2.0/UDP 127.0.0.1:${alice.port};branch=z9hG4bKx${headers.length}\r\n` +
      `From: <sip:a@127.0.0.1>;tag=a\r\nTo: <sip:b@127.0.0.1>\r\n${headers}\r\n`;
    for (const junk of [
      '',
      '\r\n\r\n',
      'hello',
      '\0\0\0\0\0',
      'INVITE',
      'SIP/2.0 200 OK\r\n\r\n',
      'x'.repeat(60_000),
    ]) {
      alice.sendBytes(junk, rig.port);
    }
    alice.sendBytes(complete('Call-ID: x\r\nCSeq: 1 INVITE\r\n'), rig.port);
    await alice.receive(400);
    alice.sendBytes(complete('Call-ID: x\r\nCSeq: 1 OPTIONS\r\n', 'SIP/3.0'), rig.port);
    await alice.receive(505);
    alice.sendBytes(complete('i: compact\r\nCSeq : 1\r\n OPTIONS\r\n'), rig.port);
    await alice.receive(200);
  });

  it('do no harm as responses nobody waits for', async () => {
    const { alice } = rig;
    rig.srf.use('options', (_req, res) => res.send(200));
    const headers = `From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n`;
    alice.sendBytes(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKnone\r\n${headers}`, rig.port);
    alice.newCall(rig.port).request('OPTIONS');
    await alice.receive(200);
  });
});
