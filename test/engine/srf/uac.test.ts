import { createHash } from 'node:crypto';
import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipRequest } from '../../../sip/engine/message/message.ts';
import { BridgeRig, eventually } from '../support/bridge-rig.ts';
import { Call, sdpOf } from '../support/phone.ts';

const SDP = sdpOf('app');
const auth = { username: 'foo', password: 'bar' };

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** True when the credentials are right for the password (RFC 2617 §3.2.2). */
function isAuthentic(request: SipRequest, header: string, password = 'bar'): boolean {
  const value = request.headers.get(header) ?? '';
  const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(value)?.[1] ?? '';
  const [ha1, ha2] = [`${field('username')}:${field('realm')}:${password}`, `${request.method}:${field('uri')}`].map(
    md5,
  );
  const qop = field('qop') === '' ? '' : `${field('nc')}:${field('cnonce')}:${field('qop')}:`;
  return value !== '' && field('response') === md5(`${ha1}:${field('nonce')}:${qop}${ha2}`);
}

describe('drachtio-srf as a UAC', () => {
  let rig: BridgeRig;
  beforeEach(async () => {
    rig = await BridgeRig.open();
  });
  afterEach(() => rig.close());

  const dial = (options: object = {}, progress: object = {}, uri = rig.bob.uri): Promise<Srf.Dialog> => {
    const dialog = rig.srf.createUAC(uri, { localSdp: SDP, ...options }, progress);
    dialog.catch(() => {});
    return dialog;
  };

  // The types of drachtio-srf know another signature than its code.
  const request = (uri: string, options: object): Promise<unknown> =>
    (rig.srf.request as unknown as (uri: string, options: object) => Promise<unknown>).call(rig.srf, uri, options);

  /** Bob takes the next call. */
  const answer = async () => {
    const { bob } = rig;
    const invite = await bob.receive('INVITE');
    const ok = bob.reply(invite, 200, 'OK', { body: bob.sdp });
    await bob.receive('ACK');
    return { invite, call: Call.answered(bob, invite, ok) };
  };

  const challenge = (request: SipRequest, status: 401 | 407, parts = 'realm="bob", nonce="n1", qop="auth"') =>
    rig.bob.reply(request, status, 'Challenge', {
      headers: { [status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate']: `Digest ${parts}` },
    });

  const hangUp = async (dialog: Srf.Dialog) => {
    const ended = dialog.destroy();
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await ended;
    expect(rig.engine.stats().dialogs).toBe(0);
  };

  it('createUAC resolves with the dialog, From and To as given', async () => {
    const dialog = dial({ headers: { To: 'sip:dave@example.com', From: 'sip:carol@example.com' } });
    const { invite } = await answer();
    expect(invite.headers.get('From')).toMatch(/^<?sip:carol@example\.com>?;tag=/);
    expect(invite.headers.get('To')).toMatch(/^<?sip:dave@example\.com>?$/);
    await hangUp(await dialog);
  });

  it('createUAC takes a callback', async () => {
    const dialog = new Promise<Srf.Dialog>((resolve, reject) => {
      const done = (error: Error | null, each?: Srf.Dialog) => (error ? reject(error) : resolve(each!));
      rig.srf.createUAC(rig.bob.uri, { localSdp: SDP } as never, {} as never, done as never);
    });
    await answer();
    await hangUp(await dialog);
  });

  it('callingNumber becomes From and Contact, at our own address', async () => {
    const dialog = dial({ callingNumber: '12345' });
    const { invite } = await answer();
    expect(invite.headers.get('From')).toContain(`<sip:12345@127.0.0.1:${rig.port}>;tag=`);
    expect(invite.headers.get('Contact')).toBe(`<sip:12345@127.0.0.1:${rig.port}>`);
    await hangUp(await dialog);
  });

  for (const name of ['Contact', 'contact']) {
    it(`an explicit ${name} at localhost goes before that of callingNumber`, async () => {
      const dialog = dial({ callingNumber: '12345', headers: { [name]: 'sip:foo@localhost' } });
      const { invite } = await answer();
      expect(invite.headers.getAll('Contact')).toEqual([`<sip:foo@127.0.0.1:${rig.port}>`]);
      await hangUp(await dialog);
    });
  }

  it('localhost in P-Asserted-Identity, display names kept', async () => {
    const dialog = dial({
      headers: { From: '"Al" <sip:al@localhost>', 'P-Asserted-Identity': '"Al" <sip:al@localhost>' },
    });
    const { invite } = await answer();
    expect(invite.headers.get('From')).toContain(`"Al" <sip:al@127.0.0.1:${rig.port}>;tag=`);
    expect(invite.headers.get('P-Asserted-Identity')).toBe(`"Al" <sip:al@127.0.0.1:${rig.port}>`);
    await hangUp(await dialog);
  });

  it('hears each provisional response, and 100 not at all', async () => {
    const heard: number[] = [];
    const dialog = dial({}, { cbProvisional: (res: Srf.SrfResponse) => heard.push(res.status) });
    const invite = await rig.bob.receive('INVITE');
    for (const status of [100, 180, 183, 180]) rig.bob.reply(invite, status, 'Progress');
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    await rig.bob.receive('ACK');
    await dialog;
    expect(heard).toEqual([180, 183, 180]);
  });

  it('cancels at the first 180, with a Reason', async () => {
    const { bob } = rig;
    let sent: Srf.SrfRequest | undefined;
    const Reason = 'SIP;cause=200;text="Call completed elsewhere"';
    const dialog = dial(
      {},
      {
        cbRequest: (_error: unknown, req: Srf.SrfRequest) => {
          sent = req;
        },
        cbProvisional: () => (sent as unknown as { cancel(options: object): void }).cancel({ headers: { Reason } }),
      },
    );
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 180, 'Ringing');
    const cancel = await bob.receive('CANCEL');
    expect(cancel.headers.get('Reason')).toBe(Reason);
    bob.reply(cancel, 200, 'OK');
    bob.reply(invite, 487, 'Request Terminated');
    await bob.receive('ACK');
    await expect(dialog).rejects.toMatchObject({ status: 487 });
  });

  it('rejects with the status of the refusal, which is acknowledged', async () => {
    for (const status of [404, 486, 500, 603]) {
      const dialog = dial();
      rig.bob.reply(await rig.bob.receive('INVITE'), status, 'No');
      await rig.bob.receive('ACK');
      await expect(dialog).rejects.toMatchObject({ status });
    }
    expect(rig.engine.stats().dialogs).toBe(0);
  });

  it('rejects with 500 a 200 without Contact; the engine has acknowledged and hung up', async () => {
    const dialog = dial();
    rig.bob.reply(await rig.bob.receive('INVITE'), 200, 'OK', { body: rig.bob.sdp, contact: null });
    await rig.bob.receive('ACK');
    rig.bob.reply(await rig.bob.receive('BYE'), 200, 'OK');
    await expect(dialog).rejects.toMatchObject({ status: 500 });
    await eventually(() => rig.engine.stats().dialogs === 0);
  });

  it('offers nothing, acknowledges with the SDP answered, made recvonly', async () => {
    const dialog = rig.srf.createUAC(rig.bob.uri, {});
    const invite = await rig.bob.receive('INVITE');
    expect(invite.body).toHaveLength(0);
    rig.bob.reply(invite, 200, 'OK', { body: rig.bob.sdp });
    const ack = await rig.bob.receive('ACK');
    expect(ack.body.toString()).toContain('a=recvonly');
    expect(ack.headers.get('Content-Type')).toBe('application/sdp');
    await hangUp(await dialog);
  });

  it('noAck: the program acknowledges later, with the SDP it likes; repeated 200s wait so long', async () => {
    const { bob } = rig;
    const pending = rig.srf.createUAC(rig.bob.uri, { noAck: true } as never) as never as Promise<{
      sdp: string;
      ack: (sdp: string) => Promise<Srf.Dialog>;
    }>;
    const invite = await bob.receive('INVITE');
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    const { sdp, ack } = await pending;
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    expect(sdp).toBe(bob.sdp);
    const dialog = ack(SDP);
    const acknowledged = await bob.receive('ACK');
    expect(acknowledged.body.toString()).toBe(SDP);
    bob.reply(invite, 200, 'OK', { body: bob.sdp });
    expect((await bob.receive('ACK')).body.toString()).toBe(SDP);
    await hangUp(await dialog);
  });

  it('sends three modify() one after the other', async () => {
    const { bob } = rig;
    const dialog = dial();
    await answer();
    const uac = await dialog;
    const all = Promise.all([1, 2, 3].map(() => uac.modify(SDP)));
    const numbers: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const reinvite = await bob.receive('INVITE');
      numbers.push(Number.parseInt(reinvite.headers.get('CSeq')!, 10));
      bob.reply(reinvite, 200, 'OK', { body: bob.sdp });
      const ack = await bob.receive('ACK');
      expect(Number.parseInt(ack.headers.get('CSeq')!, 10)).toBe(numbers.at(-1));
    }
    await all;
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    await hangUp(uac);
  });

  it('answers UPDATE with its SDP, in the very moment of the ACK (RFC 3311 §5.2)', async () => {
    const { bob } = rig;
    const dialog = dial();
    const { call } = await answer();
    call.request('UPDATE', { 'Content-Type': 'application/sdp' }, bob.sdp);
    expect((await bob.receive(200)).body.toString()).toBe(SDP);
    await hangUp(await dialog);
  });

  describe('follows redirections (RFC 3261 §8.1.3.4)', () => {
    it('to the Contact', async () => {
      const carol = await rig.anotherPhone('carol');
      const dialog = dial({ followRedirects: true });
      rig.bob.reply(await rig.bob.receive('INVITE'), 302, 'Moved', { contact: `<${carol.uri}>` });
      await rig.bob.receive('ACK');
      const invite = await carol.receive('INVITE');
      expect(invite.uri).toBe(carol.uri);
      carol.reply(invite, 200, 'OK', { body: carol.sdp });
      await carol.receive('ACK');
      await dialog;
    });

    it('by way of the Contact, the Request-URI kept', async () => {
      const carol = await rig.anotherPhone('carol');
      const dialog = dial({ followRedirects: true, keepUriOnRedirect: true });
      rig.bob.reply(await rig.bob.receive('INVITE'), 302, 'Moved', { contact: `sip:127.0.0.1:${carol.port}` });
      await rig.bob.receive('ACK');
      const invite = await carol.receive('INVITE');
      expect(invite.uri).toBe(rig.bob.uri);
      carol.reply(invite, 200, 'OK', { body: carol.sdp });
      await carol.receive('ACK');
      await dialog;
    });

    it('not, unless told', async () => {
      const dialog = dial();
      rig.bob.reply(await rig.bob.receive('INVITE'), 302, 'Moved');
      await rig.bob.receive('ACK');
      await expect(dialog).rejects.toMatchObject({ status: 302 });
    });
  });

  describe('logs in (RFC 3261 §22)', () => {
    for (const status of [401, 407] as const) {
      const header = status === 401 ? 'Authorization' : 'Proxy-Authorization';

      it(`after a ${status} that is repeated until its ACK`, async () => {
        const { bob } = rig;
        const dialog = dial({ auth });
        const first = await bob.receive('INVITE');
        challenge(first, status);
        challenge(first, status);
        await bob.receive('ACK');
        const { invite } = await answer();
        expect(isAuthentic(invite, header)).toBe(true);
        expect(invite.headers.get('Call-ID')).toBe(first.headers.get('Call-ID'));
        expect(invite.headers.get('From')).toBe(first.headers.get('From'));
        await hangUp(await dialog);
      });
    }

    it('at an address without a user, where the next hop is not named', async () => {
      const dialog = dial({ auth }, {}, `sip:127.0.0.1:${rig.bob.port}`);
      challenge(await rig.bob.receive('INVITE'), 407);
      await rig.bob.receive('ACK');
      const { invite } = await answer();
      expect(isAuthentic(invite, 'Proxy-Authorization')).toBe(true);
      await hangUp(await dialog);
    });

    it('not where the challenge has no header: rejects', async () => {
      const dialog = dial({ auth });
      rig.bob.reply(await rig.bob.receive('INVITE'), 407, 'Proxy Authentication Required');
      await rig.bob.receive('ACK');
      await expect(dialog).rejects.toThrow();
      expect(rig.engine.stats().dialogs).toBe(0);
    });

    it('for a re-INVITE and for a BYE, in the same dialog', async () => {
      const { bob } = rig;
      const dialog = dial({ auth });
      await answer();
      const uac = await dialog;
      const held = uac.modify('hold');
      challenge(await bob.receive('INVITE'), 407);
      await bob.receive('ACK');
      const again = await bob.receive('INVITE');
      expect(isAuthentic(again, 'Proxy-Authorization')).toBe(true);
      expect(again.body.toString()).toContain('a=inactive');
      bob.reply(again, 200, 'OK', { body: bob.sdp });
      await bob.receive('ACK');
      await held;
      const ended = uac.destroy();
      const bye = await bob.receive('BYE');
      challenge(bye, 407);
      const retry = await bob.receive('BYE');
      expect(isAuthentic(retry, 'Proxy-Authorization')).toBe(true);
      expect(Number.parseInt(retry.headers.get('CSeq')!, 10)).toBeGreaterThan(
        Number.parseInt(bye.headers.get('CSeq')!, 10),
      );
      bob.reply(retry, 200, 'OK');
      await ended;
      await eventually(() => rig.engine.stats().dialogs === 0);
    });

    for (const realm of ['bob', '']) {
      it(`to REGISTER in the realm "${realm}"`, async () => {
        const { bob } = rig;
        const sent = (await request(`sip:127.0.0.1:${bob.port}`, {
          method: 'REGISTER',
          headers: {
            To: 'sip:foo@example.com',
            From: 'sip:foo@example.com',
            Contact: '<sip:foo@localhost>;expires=3600',
          },
          auth,
        })) as Srf.SrfRequest;
        const answered = new Promise<number>((resolve) => sent.on('response', (res) => resolve(res!.status)));
        challenge(await bob.receive('REGISTER'), 401, `realm="${realm}", nonce="n1"`);
        const again = await bob.receive('REGISTER');
        expect(isAuthentic(again, 'Authorization')).toBe(true);
        expect(again.headers.get('Contact')).toBe(`<sip:foo@127.0.0.1:${rig.port}>;expires=3600`);
        bob.reply(again, 200, 'OK', { contact: null });
        expect(await answered).toBe(200);
      });
    }
  });

  it('lets a program be the registrar: challenges, then accepts (RFC 3261 §22.4)', async () => {
    const { alice } = rig;
    rig.srf.use('register', (req, res) => {
      if (req.has('Authorization')) res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } });
      else res.send(401, { headers: { 'WWW-Authenticate': 'Digest realm="app", nonce="n", algorithm=MD5' } });
    });
    const call = alice.newCall(rig.port);
    const Contact = `<${alice.uri}>`;
    call.request('REGISTER', { Contact });
    expect((await alice.receive(401)).headers.get('WWW-Authenticate')).toContain('realm="app"');
    call.request('REGISTER', { Contact, Authorization: 'Digest username="alice"' });
    expect((await alice.receive(200)).headers.get('Contact')).toBe(`<${alice.uri}>;expires=60`);
  });
});
