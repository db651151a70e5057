import { describe, expect, it } from 'vitest';
import { cancelFor } from '../../../sip/engine/transaction/ack.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

const launch = (method: 'INVITE' | 'BYE') => {
  const rig = new TransactionRig();
  const user = new RecordingUser();
  const draft = request(method, { via: false });
  if (method === 'INVITE') rig.layer.sendInvite(draft, peer('tcp'), user);
  else rig.layer.send(draft, peer('tcp'), user);
  const sent = rig.transport.lastRequest();
  return { rig, user, answer: (status: number) => rig.receive(response(sent, status), 'tcp') };
};

describe('an error of the transport (RFC 3261 §17.1.4, §17.2.4)', () => {
  for (const method of ['INVITE', 'BYE'] as const) {
    it(`ends an unanswered ${method}, which is told once`, () => {
      const { rig, user } = launch(method);
      rig.transport.failLast();
      rig.transport.failLast();
      expect(user.events).toEqual(['transport error']);
      expect(rig.size).toBe(0);
      expect(rig.watch(70_000)).toEqual([]);
    });

    it(`ends a ${method} that has had a provisional response`, () => {
      const { rig, user, answer } = launch(method);
      answer(183);
      rig.transport.failLast();
      expect(user.events).toEqual(['183', 'transport error']);
      expect(rig.size).toBe(0);
    });

    it(`means nothing any more when the final response of the ${method} is here`, () => {
      for (const status of [200, 500]) {
        const { rig, user, answer } = launch(method);
        answer(status);
        rig.transport.failLast();
        expect(user.events).toEqual([`${status}`]);
      }
    });
  }

  it('of the ACK to a failure over UDP: the next repetition is acknowledged again', () => {
    const rig = new TransactionRig();
    const user = new RecordingUser();
    rig.layer.sendInvite(request('INVITE', { via: false }), peer(), user);
    const sent = rig.transport.lastRequest();
    rig.receive(response(sent, 486));
    rig.transport.failLast();
    rig.transport.take();
    rig.receive(response(sent, 486));
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(user.events).toEqual(['486']);
  });

  it('of a CANCEL is told to its user only; the INVITE keeps waiting', () => {
    const rig = new TransactionRig();
    const [inviteUser, cancelUser] = [new RecordingUser(), new RecordingUser()];
    const tx = rig.layer.sendInvite(request('INVITE', { via: false }), peer(), inviteUser);
    const sent = rig.transport.lastRequest();
    rig.receive(response(sent, 180));
    rig.layer.cancel(tx, cancelFor(tx.request), cancelUser);
    rig.transport.failLast();
    expect(cancelUser.events).toEqual(['transport error']);
    rig.receive(response(sent, 487));
    expect(inviteUser.events).toEqual(['180', '487']);
  });

  it('of a response changes nothing: the peer sends its request again, and gets it again', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.transport.failLast();
    rig.invite!.respond(response(invite, 180));
    rig.transport.failLast();
    rig.invite!.respond(response(invite, 486));
    rig.transport.failLast();
    rig.transport.take();
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual(['486']);
    rig.receive(request('ACK', { toTag: 'bob' }));
    expect(rig.requests).toHaveLength(1);
  });
});
