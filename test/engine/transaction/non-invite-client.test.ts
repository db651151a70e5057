import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../sip/engine/transport/transport.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

const setUp = (protocol: Protocol = 'udp') => {
  const rig = new TransactionRig();
  const user = new RecordingUser();
  rig.layer.send(request('BYE', { via: false, toTag: 'bob' }), peer(protocol), user);
  const sent = rig.transport.lastRequest();
  return { rig, user, answer: (status: number) => rig.receive(response(sent, status), protocol) };
};

describe('non-INVITE client transaction (RFC 3261 §17.1.2)', () => {
  it('resends at T1, doubling, capped at T2 (timer E, §17.1.2.2)', () => {
    const { rig } = setUp();
    const times = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(rig.watch(31_990)).toEqual(times.map((at) => `BYE@${at}`));
  });

  it('gives up after 64·T1 (timer F, §17.1.2.2)', () => {
    const { rig, user } = setUp();
    rig.clock.advance(32_020);
    expect(user.events).toEqual(['timeout']);
    expect(rig.size).toBe(0);
  });

  it('slows down to T2 after a provisional response, timer F running on (§17.1.2.2)', () => {
    const { rig, user, answer } = setUp();
    rig.clock.advance(100);
    answer(100);
    expect(rig.watch(9000)).toEqual(['BYE@4000', 'BYE@8000']);
    rig.clock.advance(23_000);
    expect(user.events).toEqual(['100', 'timeout']);
  });

  it('reports the final response once and absorbs its repetitions for T4 (timer K)', () => {
    const { rig, user, answer } = setUp();
    answer(200);
    answer(200);
    expect(user.events).toEqual(['200']);
    expect(rig.watch(4990)).toEqual([]);
    expect(rig.size).toBe(1);
    rig.clock.advance(30);
    expect(rig.size).toBe(0);
  });

  it('neither resends nor lingers over TCP (timers E and K)', () => {
    const { rig, answer } = setUp('tcp');
    expect(rig.watch(10_000)).toEqual([]);
    answer(200);
    expect(rig.size).toBe(0);
  });

  it('reports a refusal by the network (§17.1.4)', () => {
    const { rig, user } = setUp();
    rig.transport.failLast();
    expect(user.events).toEqual(['transport error']);
  });

  it('asks for the answer to come back to the source port, under a fresh branch (RFC 3581, §8.1.1.7)', () => {
    const { rig } = setUp();
    expect(rig.transport.lastRequest().headers.get('Via')).toMatch(
      /^SIP\/2\.0\/UDP 192\.0\.2\.1:5060;rport;branch=z9hG4bK[a-z2-7]{20}$/,
    );
  });
});
