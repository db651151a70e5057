import { describe, expect, it } from 'vitest';
import { cancelFor } from '../../../sip/engine/transaction/ack.ts';
import type { Protocol } from '../../../sip/engine/transport/transport.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

const setUp = (protocol: Protocol = 'udp') => {
  const rig = new TransactionRig();
  const user = new RecordingUser();
  const tx = rig.layer.sendInvite(request('INVITE', { via: false }), peer(protocol), user);
  const sent = rig.transport.lastRequest();
  return {
    rig,
    user,
    tx,
    answer: (status: number, tag?: string) => rig.receive(response(sent, status, tag), protocol),
  };
};

describe('INVITE client transaction (RFC 3261 §17.1.1)', () => {
  it('resends at T1, 2·T1, 4·T1 … uncapped (timer A, §17.1.1.2)', () => {
    const { rig } = setUp();
    expect(rig.watch(31_990)).toEqual([500, 1500, 3500, 7500, 15_500, 31_500].map((at) => `INVITE@${at}`));
  });

  it('gives up after 64·T1 (timer B, §17.1.1.2)', () => {
    const { rig, user } = setUp();
    rig.clock.advance(31_990);
    expect(user.events).toEqual([]);
    rig.clock.advance(20);
    expect(user.events).toEqual(['timeout']);
    rig.clock.advance(32_020);
    expect(rig.size).toBe(0);
    expect(user.events).toEqual(['timeout']);
  });

  it('passes a 2xx up that comes after the timeout, and acknowledges a failure silently, for 64·T1', () => {
    const { rig, user, answer } = setUp();
    rig.clock.advance(32_020);
    rig.transport.take();
    answer(180);
    answer(200);
    expect(user.events).toEqual(['timeout', '200']);
    answer(486);
    answer(486);
    expect(rig.transport.take()).toEqual(['ACK', 'ACK']);
    expect(user.events).toEqual(['timeout', '200']);
    rig.clock.advance(32_020);
    expect(rig.size).toBe(0);
  });

  it('does not resend over TCP (§17.1.1.2)', () => {
    const { rig } = setUp('tcp');
    expect(rig.watch(30_000)).toEqual([]);
  });

  it('stops resending at the first provisional response and passes all of them up', () => {
    const { rig, user, answer } = setUp();
    answer(100);
    answer(180);
    answer(183);
    expect(user.events).toEqual(['100', '180', '183']);
    expect(rig.watch(60_000)).toEqual([]);
  });

  it('says so when nothing follows a provisional response for three minutes (timer C, §16.6)', () => {
    const { rig, user, answer } = setUp();
    answer(180);
    rig.clock.advance(100_000);
    answer(180);
    rig.clock.advance(184_900);
    expect(user.events).toEqual(['180', '180']);
    rig.clock.advance(200);
    expect(user.events).toEqual(['180', '180', 'silence']);
  });

  for (const status of [302, 401, 404, 486, 500, 603]) {
    it(`acknowledges a ${status} on its own branch with the tag of the response (§17.1.1.3)`, () => {
      const { rig, user, tx, answer } = setUp();
      answer(status, 'their-tag');
      const ack = rig.transport.lastRequest();
      expect(ack.method).toBe('ACK');
      expect(ack.headers.get('Via')).toBe(tx.request.headers.get('Via'));
      expect(ack.headers.get('To')).toContain(';tag=their-tag');
      expect(ack.headers.get('CSeq')).toBe('1 ACK');
      expect(user.events).toEqual([`${status}`]);
    });
  }

  it('acknowledges a repeated failure again, silently, for 32 s (timer D, §17.1.1.2)', () => {
    const { rig, user, answer } = setUp();
    answer(486);
    rig.transport.take();
    answer(486);
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(user.events).toEqual(['486']);
    rig.clock.advance(32_020);
    expect(rig.size).toBe(0);
    answer(486);
    expect(rig.transport.take()).toEqual([]);
  });

  it('ends at once after a failure over TCP (timer D is zero)', () => {
    const { rig, answer } = setUp('tcp');
    answer(486);
    expect(rig.size).toBe(0);
  });

  it('passes every 2xx up for 64·T1, acknowledges none (RFC 6026 §7.2, timer M)', () => {
    const { rig, user, answer } = setUp();
    rig.transport.take();
    answer(200);
    answer(200);
    answer(200, 'other-fork');
    expect(user.events).toEqual(['200', '200', '200']);
    expect(rig.transport.take()).toEqual([]);
    rig.clock.advance(32_020);
    answer(200);
    expect(user.events).toHaveLength(3);
    expect(rig.size).toBe(0);
  });

  it('ignores a failure after a 2xx', () => {
    const { user, answer } = setUp();
    answer(200);
    answer(486);
    answer(180);
    expect(user.events).toEqual(['200']);
  });

  it('reports a refusal by the network, once (§17.1.4)', () => {
    const { rig, user } = setUp();
    rig.transport.failLast();
    rig.transport.failLast();
    expect(user.events).toEqual(['transport error']);
    expect(rig.size).toBe(0);
  });

  it('gives a cancelled INVITE 64·T1 for its final response (§9.1)', () => {
    const { rig, user, tx, answer } = setUp();
    answer(180);
    rig.layer.cancel(tx, cancelFor(tx.request), new RecordingUser());
    const cancel = rig.transport.lastRequest();
    expect(cancel.method).toBe('CANCEL');
    expect(cancel.headers.get('Via')).toBe(tx.request.headers.get('Via'));
    expect(cancel.headers.get('CSeq')).toBe('1 CANCEL');
    rig.clock.advance(31_980);
    expect(user.events).toEqual(['180']);
    rig.clock.advance(40);
    expect(user.events).toEqual(['180', 'timeout']);
  });

  it('keeps the answers to INVITE and CANCEL apart (§17.1.3)', () => {
    const { rig, user, tx, answer } = setUp();
    answer(180);
    const cancelUser = new RecordingUser();
    rig.layer.cancel(tx, cancelFor(tx.request), cancelUser);
    rig.receive(response(rig.transport.lastRequest(), 200));
    answer(487);
    expect(cancelUser.events).toEqual(['200']);
    expect(user.events).toEqual(['180', '487']);
  });
});
