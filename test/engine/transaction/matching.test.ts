import { describe, expect, it } from 'vitest';
import { replaceTopVia, topVia } from '../../../sip/engine/message/via.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

/** An INVITE of a peer of RFC 2543: its branch says nothing, or is not there. */
const oldInvite = (via = 'SIP/2.0/UDP 192.0.2.9:5060', headers: Record<string, string> = {}) =>
  request('INVITE', { headers: { Via: via, ...headers } });

const old = (method: string, toTag?: string) => {
  const message = request(method, toTag === undefined ? {} : { toTag });
  message.headers.set('Via', 'SIP/2.0/UDP 192.0.2.9:5060');
  return message;
};

const methods = (rig: TransactionRig) => rig.requests.map(({ method }) => method);

describe('matching requests to server transactions (RFC 3261 §17.2.3)', () => {
  it('takes the method as it is written: invite is not INVITE (§7.1)', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE'));
    rig.receive(request('invite'));
    expect(methods(rig)).toEqual(['INVITE', 'invite']);
    expect(rig.other).toBeDefined();
  });

  it('takes another sent-by for another client, even under the same branch', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE'));
    for (const sentBy of ['192.0.2.9:5061', '192.0.2.8:5060', '192.0.2.9']) {
      rig.receive(request('INVITE', { headers: { Via: `SIP/2.0/UDP ${sentBy};branch=z9hG4bKpeer1` } }));
    }
    expect(methods(rig)).toEqual(['INVITE', 'INVITE', 'INVITE', 'INVITE']);
  });

  it('looks past what the transport wrote into the Via', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE'));
    const again = request('INVITE');
    replaceTopVia(again, { ...topVia(again), received: '192.0.2.9', rport: 5060 });
    rig.receive(again);
    expect(methods(rig)).toEqual(['INVITE']);
  });

  it('keeps requests of one branch and different methods apart: a peer that reuses its branch is served', () => {
    const rig = new TransactionRig();
    for (const method of ['INVITE', 'INFO', 'UPDATE', 'BYE']) rig.receive(request(method));
    expect(methods(rig)).toEqual(['INVITE', 'INFO', 'UPDATE', 'BYE']);
  });

  it('absorbs the ACK to a failure by the branch alone, whatever its tags', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 486));
    rig.receive(request('ACK', { toTag: 'odd', headers: { 'Call-ID': 'other' } }));
    expect(methods(rig)).toEqual(['INVITE']);
    expect(rig.watch(6000)).toEqual([]);
  });

  it('passes an ACK to a failure on another branch up: it is not of this transaction', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 486));
    rig.receive(request('ACK', { toTag: 'bob', branch: 'z9hG4bKfresh' }));
    expect(methods(rig)).toEqual(['INVITE', 'ACK']);
    expect(rig.watch(600)).toEqual(['486@500']);
  });

  it('passes the ACK to a 2xx up even on the branch of the INVITE', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 200));
    rig.receive(request('ACK', { toTag: 'bob' }));
    expect(methods(rig)).toEqual(['INVITE', 'ACK']);
  });
});

describe('CANCEL finds what it cancels (RFC 3261 §9.2)', () => {
  const cancelled = (rig: TransactionRig) => {
    const told: string[] = [];
    rig.invite!.user = { toTag: 'ours', onCancel: (cancel) => told.push(cancel.method) };
    rig.transport.take();
    return told;
  };

  it('by branch and sent-by: from another sent-by it gets 481', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE'));
    const told = cancelled(rig);
    rig.receive(request('CANCEL', { headers: { Via: 'SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKpeer1' } }));
    expect(rig.transport.take()).toEqual(['481']);
    expect(told).toEqual([]);
  });

  it('once: repeated, it is answered again and told to nobody', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE'));
    const told = cancelled(rig);
    rig.receive(request('CANCEL'));
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['200', '200']);
    expect(told).toEqual(['CANCEL']);
  });

  it('before the INVITE itself: 481, and the INVITE is then a call', () => {
    const rig = new TransactionRig();
    rig.receive(request('CANCEL'));
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual(['481', '100']);
    expect(methods(rig)).toEqual(['INVITE']);
  });

  for (const status of [200, 486]) {
    it(`after the ${status}: 200 with the tag of that response, and no effect`, () => {
      const rig = new TransactionRig();
      const invite = request('INVITE');
      rig.receive(invite);
      const told = cancelled(rig);
      rig.invite!.respond(response(invite, status, 'ours'));
      rig.transport.take();
      rig.receive(request('CANCEL'));
      expect(rig.transport.lastResponse().headers.get('To')).toContain(';tag=ours');
      expect(rig.transport.take()).toEqual(['200']);
      expect(told).toEqual([]);
    });
  }

  it('of a request that cannot be cancelled: 200, and no effect', () => {
    const rig = new TransactionRig();
    const options = request('OPTIONS');
    rig.receive(options);
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['200']);
    rig.other!.respond(response(options, 202));
    expect(rig.transport.take()).toEqual(['202']);
  });
});

describe('peers of RFC 2543, without the magic cookie (RFC 3261 §17.2.3)', () => {
  it('have their INVITE recognised again without any branch', () => {
    const rig = new TransactionRig();
    rig.receive(oldInvite());
    rig.receive(oldInvite());
    expect(methods(rig)).toEqual(['INVITE']);
    expect(rig.transport.take()).toEqual(['100', '100']);
  });

  it('have the ACK to a failure absorbed, and the ACK to a 2xx passed up', () => {
    for (const [status, seen] of [
      [486, ['INVITE']],
      [200, ['INVITE', 'ACK']],
    ] as const) {
      const rig = new TransactionRig();
      rig.receive(oldInvite());
      rig.invite!.respond(response(oldInvite(), status));
      rig.receive(old('ACK', 'bob'));
      expect(methods(rig)).toEqual(seen);
    }
  });

  it('may cancel', () => {
    const rig = new TransactionRig();
    rig.receive(oldInvite());
    rig.transport.take();
    rig.receive(old('CANCEL'));
    expect(rig.transport.take()).toEqual(['200']);
  });

  it('start another transaction with another CSeq, Call-ID, From tag, Request-URI or branch', () => {
    const rig = new TransactionRig();
    rig.receive(oldInvite());
    rig.receive(oldInvite(undefined, { CSeq: '2 INVITE' }));
    rig.receive(oldInvite(undefined, { 'Call-ID': 'call-2' }));
    rig.receive(oldInvite(undefined, { From: '<sip:alice@192.0.2.9>;tag=other' }));
    rig.receive({ ...oldInvite(), uri: 'sip:carol@192.0.2.1' });
    rig.receive(oldInvite('SIP/2.0/UDP 192.0.2.9:5060;branch=fork-2'));
    expect(methods(rig)).toHaveLength(6);
  });
});

describe('matching responses to client transactions (RFC 3261 §17.1.3)', () => {
  const launch = () => {
    const rig = new TransactionRig();
    const user = new RecordingUser();
    rig.layer.sendInvite(request('INVITE', { via: false }), peer(), user);
    return { rig, user, invite: rig.transport.lastRequest() };
  };

  it('goes by the branch of the top Via', () => {
    const { rig, user, invite } = launch();
    const stranger = response(invite, 180);
    stranger.headers.set('Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnobodys');
    rig.receive(stranger);
    expect(user.events).toEqual([]);
    expect(rig.layer.counters.strayResponses).toBe(1);
  });

  it('and by the method of the CSeq', () => {
    const { rig, user, invite } = launch();
    const wrong = response(invite, 200);
    wrong.headers.set('CSeq', '1 BYE');
    rig.receive(wrong);
    expect(user.events).toEqual([]);
    rig.receive(response(invite, 200));
    expect(user.events).toEqual(['200']);
  });

  it('but by nothing else: tags and Call-ID are for the layer above', () => {
    const { rig, user, invite } = launch();
    const odd = response(invite, 180);
    odd.headers.set('Call-ID', 'rewritten');
    rig.receive(odd);
    expect(user.events).toEqual(['180']);
  });

  it('drops a response without a branch', () => {
    const { rig, user, invite } = launch();
    const bare = response(invite, 200);
    bare.headers.set('Via', 'SIP/2.0/UDP 192.0.2.1:5060');
    rig.receive(bare);
    expect(user.events).toEqual([]);
    expect(rig.errors).toEqual([]);
  });
});
