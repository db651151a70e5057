import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createResolver } from '../../../sip/engine/transport/resolve/resolver.ts';
import type { ServiceRecord } from '../../../sip/engine/transport/resolve/service-records.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { openTcpLine } from '../support/line.ts';
import { Call, Phone } from '../support/phone.ts';

/** A TCP port nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const both = ['udp', 'tcp'] as const;

/** The engine on UDP and TCP with a name service of the test's own. */
async function open(
  services: Record<string, ServiceRecord[]>,
  addresses: Record<string, string[]>,
): Promise<BridgeRig> {
  const names = {
    services: async (name: string) => services[name] ?? [],
    addresses: async (name: string) => addresses[name] ?? Promise.reject(new Error('ENOTFOUND')),
  };
  const listen = both.map((protocol) => ({ protocol, address: '127.0.0.1', port: 0 }));
  const rig = await BridgeRig.open({ listen }, createResolver({ names }));
  onTestFinished(() => rig.close());
  return rig;
}

const record = (priority: number, port: number, name: string): ServiceRecord => ({ priority, weight: 1, port, name });

describe('a call to a name with several servers, over real sockets (RFC 3263 §4.3)', () => {
  it('reaches the second when the first refuses the TCP connection', async () => {
    const refused = await closedPort();
    const records: ServiceRecord[] = [record(1, refused, 'a.example')];
    const rig = await open({ '_sip._tcp.carrier.example': records }, { 'a.example': ['127.0.0.1'] });
    const bob = rig.adopt(new Phone('bob', await openTcpLine()));
    records.push(record(2, bob.port, 'a.example'));
    const dialog = rig.srf.createUAC('sip:bob@carrier.example;transport=tcp', { localSdp: bob.sdp });
    const invite = await bob.receive('INVITE');
    expect(invite.uri).toBe('sip:bob@carrier.example;transport=tcp');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp, contact: `<${bob.uri};transport=tcp>` });
    await bob.receive('ACK');
    const uac = await dialog;
    Call.answered(bob, invite, answer).request('INFO');
    await bob.receive(200);
    void uac.destroy();
    bob.reply(await bob.receive('BYE'), 200, 'OK');
  });

  it('reaches the second address of a host, and the answer is one 200', async () => {
    const rig = await open({}, { 'host.example': ['127.0.0.77', '127.0.0.1'] });
    const bob = rig.adopt(new Phone('bob', await openTcpLine()));
    const answered = new Promise((resolve) => {
      const request = rig.srf.request.bind(rig.srf) as unknown as (uri: string, options: object, done: unknown) => void;
      request(
        `sip:bob@host.example:${bob.port};transport=tcp`,
        { method: 'OPTIONS' },
        (_: unknown, req: NodeJS.EventEmitter) => req.on('response', (res: { status: number }) => resolve(res.status)),
      );
    });
    bob.reply(await bob.receive('OPTIONS'), 200, 'OK');
    expect(await answered).toBe(200);
  });

  it('crosses from UDP, where the first says 503, to the next record', async () => {
    const records: ServiceRecord[] = [];
    const rig = await open({ '_sip._udp.carrier.example': records }, { 'a.example': ['127.0.0.1'] });
    const carol = await rig.anotherPhone('carol');
    records.push(record(1, carol.port, 'a.example'), record(2, rig.bob.port, 'a.example'));
    const dialog = rig.srf.createUAC('sip:bob@carrier.example', { localSdp: rig.bob.sdp });
    const refused = await carol.receive('INVITE');
    carol.reply(refused, 503, 'Service Unavailable');
    const invite = await rig.bob.receive('INVITE');
    expect(invite.headers.get('Call-ID')).toBe(refused.headers.get('Call-ID'));
    await carol.receive('ACK');
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    await rig.bob.receive('ACK');
    await dialog;
  });

  it('tells the application 503 when nobody takes the connection', async () => {
    const refused = await closedPort();
    const rig = await open({}, { 'host.example': ['127.0.0.77', '127.0.0.1'] });
    await expect(
      rig.srf.createUAC(`sip:bob@host.example:${refused};transport=tcp`, { localSdp: rig.bob.sdp }),
    ).rejects.toMatchObject({ status: 503 });
  });
});
