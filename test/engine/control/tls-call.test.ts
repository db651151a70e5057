import { describe, expect, it, onTestFinished } from 'vitest';
import { resolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import type { TlsOptions } from '../../../sip/engine/transport/stream/tls-credentials.ts';
import { BridgeRig } from '../support/bridge-rig.ts';
import { bridgeNextCall } from '../support/bridged-call.ts';
import { type Identity, TestAuthority, tlsFiles } from '../support/certificates.ts';
import { openTlsLine, type TlsLine } from '../support/line.ts';
import { Call, Phone } from '../support/phone.ts';

const authority = new TestAuthority();
const ca = authority.cert;

/** A bridge that listens on TLS only, alice and bob on it. */
class TlsRig {
  readonly bridge: BridgeRig;
  readonly files: ReturnType<typeof tlsFiles>;
  readonly alice: Phone;
  readonly bob: Phone;
  readonly aliceLine: TlsLine;
  readonly bobLine: TlsLine;

  static async open(bob: Identity = authority.issue(['127.0.0.1']), tls: Partial<TlsOptions> = {}): Promise<TlsRig> {
    const files = tlsFiles(authority, authority.issue(['engine.test']));
    const bridge = await BridgeRig.open({
      listen: [{ protocol: 'tls', address: '127.0.0.1', port: 0 }],
      tls: { ...files, ...tls },
    });
    onTestFinished(() => bridge.close());
    const known = authority.issue(['carrier.test', '127.0.0.1']);
    const lines = [
      await openTlsLine({ ...known, ca, servername: 'engine.test' }),
      await openTlsLine({ ...bob, ca, servername: 'engine.test' }),
    ] as const;
    return new TlsRig(bridge, files, lines);
  }

  private constructor(
    bridge: BridgeRig,
    files: ReturnType<typeof tlsFiles>,
    [aliceLine, bobLine]: readonly [TlsLine, TlsLine],
  ) {
    this.bridge = bridge;
    this.files = files;
    this.aliceLine = aliceLine;
    this.bobLine = bobLine;
    this.alice = bridge.adopt(new Phone('alice', aliceLine));
    this.bob = bridge.adopt(new Phone('bob', bobLine));
  }

  /** A call from alice to bob, answered and acknowledged on both sides. */
  async connect(uri = this.bob.uri): Promise<{ aliceCall: Call; bobCall: Call; seen: string[] }> {
    const { alice, bob, bridge } = this;
    const dialogs = bridgeNextCall(bridge, {}, uri);
    const aliceCall = alice.newCall(bridge.port);
    aliceCall.sendInvite();
    const invite = await bob.receive('INVITE');
    const answer = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    const ok = await alice.receive(200);
    aliceCall.ack(ok);
    await dialogs;
    const seen = [invite.headers.get('Via'), invite.headers.get('Contact'), ok.headers.get('Contact')].map(String);
    return { aliceCall, bobCall: Call.answered(bob, invite, answer), seen };
  }
}

describe('a call over TLS on both legs (RFC 3261 §26.3.2)', () => {
  it('says TLS in Via and Contact, and ends over the connections it began on', async () => {
    const rig = await TlsRig.open();
    const { aliceCall, seen } = await rig.connect();
    const { port } = rig.bridge;
    expect(seen[0]).toMatch(new RegExp(`^SIP/2.0/TLS 127.0.0.1:${port};branch=`));
    expect(seen[1]).toMatch(new RegExp(`@127.0.0.1:${port};transport=tls>`));
    expect(seen[2]).toBe(`<sip:127.0.0.1:${port};transport=tls>`);
    aliceCall.request('BYE');
    const bye = await rig.bob.receive('BYE');
    rig.bob.reply(bye, 200, 'OK');
    await rig.alice.receive(200);
    expect([rig.aliceLine.sockets.length, rig.bobLine.sockets.length]).toEqual([1, 1]);
  });

  it('offers bob a SIPS Contact when the application calls a SIPS URI', async () => {
    const rig = await TlsRig.open();
    const { seen, bobCall } = await rig.connect(`sips:bob@127.0.0.1:${rig.bob.port}`);
    expect(seen[1]).toMatch(/<sips:[^>]*127\.0\.0\.1:\d+>$/);
    bobCall.request('BYE');
    const bye = await rig.alice.receive('BYE');
    rig.alice.reply(bye, 200, 'OK');
    await rig.bob.receive(200);
  });

  it('stays up while the certificate is renewed', async () => {
    const rig = await TlsRig.open();
    const { aliceCall } = await rig.connect();
    rig.files.renew(authority.issue(['renewed.test', 'engine.test']));
    expect(await rig.bridge.engine.reloadCertificates()).toBe(true);
    aliceCall.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await rig.alice.receive(200);
    expect(rig.aliceLine.sockets).toHaveLength(1);
  });

  it('reaches bob over a new connection when his is gone', async () => {
    const rig = await TlsRig.open();
    const { aliceCall } = await rig.connect();
    rig.bobLine.sockets[0]!.destroy();
    aliceCall.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await rig.alice.receive(200);
    expect(rig.bobLine.sockets).toHaveLength(2);
  });
});

describe('a called server that cannot be trusted', () => {
  it.each([
    ['whose authority nobody knows', new TestAuthority('Nobody').issue(['127.0.0.1'])],
    ['that is somebody else', authority.issue(['eve.test'])],
  ])('%s makes the call fail with 503 and hears nothing', async (_what, identity) => {
    const rig = await TlsRig.open(identity);
    const dialogs = bridgeNextCall(rig.bridge, {}, rig.bob.uri);
    const aliceCall = rig.alice.newCall(rig.bridge.port);
    aliceCall.sendInvite();
    await expect(dialogs).rejects.toMatchObject({ status: 503 });
    aliceCall.ackFailure(await rig.alice.receive(503));
    expect(rig.bob.inbox).toEqual([]);
  });
});

describe('a name in the URI', () => {
  it('is what the certificate has to be for, though the address fits (RFC 5922 §7)', async () => {
    // Only when the system knows localhost by this address.
    const [target] = await resolveTarget('sips:localhost', ['tls']);
    if (target?.address !== '127.0.0.1') return;
    const rig = await TlsRig.open(authority.issue(['127.0.0.1']));
    const dialogs = bridgeNextCall(rig.bridge, {}, `sips:bob@localhost:${rig.bob.port}`);
    const aliceCall = rig.alice.newCall(rig.bridge.port);
    aliceCall.sendInvite();
    await expect(dialogs).rejects.toMatchObject({ status: 503 });
    aliceCall.ackFailure(await rig.alice.receive(503));
  });
});

describe('mutual TLS', () => {
  it('lets the carrier with a certificate in, and nobody else', async () => {
    const rig = await TlsRig.open(undefined, { clientCertificates: 'required' });
    const { aliceCall } = await rig.connect();
    const stranger = await openTlsLine({ servername: 'engine.test', ca, isAnonymous: true });
    const eve = rig.bridge.adopt(new Phone('eve', stranger));
    eve.newCall(rig.bridge.port).sendInvite();
    await new Promise((resolve) => stranger.sockets[0]!.once('close', resolve));
    expect(eve.inbox).toEqual([]);
    aliceCall.request('BYE');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await rig.alice.receive(200);
  });
});
