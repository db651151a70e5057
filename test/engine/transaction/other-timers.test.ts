import { describe, expect, it } from 'vitest';
import { cancelFor } from '../../../sip/engine/transaction/ack.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

// Every timer of RFC 3261 table 4 is made of these three.
const slow = { t1: 1000, t2: 3000, t4: 7000 };

const call = () => {
  const rig = new TransactionRig(slow);
  const user = new RecordingUser();
  const tx = rig.layer.sendInvite(request('INVITE', { via: false }), peer(), user);
  const sent = rig.transport.lastRequest();
  return { rig, user, tx, answer: (status: number) => rig.receive(response(sent, status)) };
};

const otherRequest = () => {
  const rig = new TransactionRig(slow);
  const user = new RecordingUser();
  rig.layer.send(request('BYE', { via: false, toTag: 'bob' }), peer(), user);
  const sent = rig.transport.lastRequest();
  return { rig, user, answer: (status: number) => rig.receive(response(sent, status)) };
};

const called = (method = 'INVITE') => {
  const rig = new TransactionRig(slow);
  rig.receive(request(method));
  const tx = method === 'INVITE' ? rig.invite! : rig.other!;
  return { rig, respond: (status: number) => tx.respond(response(request(method), status)) };
};

/** Time until no transaction is left, in s. */
const lifetime = (rig: TransactionRig): number => {
  const start = rig.clock.now();
  while (rig.size > 0 && rig.clock.now() < 400_000) rig.clock.advance(10);
  return Math.round((rig.clock.now() - start) / 100) / 10;
};

describe('with T1 1 s, T2 3 s and T4 7 s (RFC 3261 §17.1.1.1)', () => {
  it('timer A starts at T1 and doubles without a cap (§17.1.1.2)', () => {
    expect(call().rig.watch(40_000)).toEqual([1, 3, 7, 15, 31].map((at) => `INVITE@${at}000`));
  });

  it('timer B is 64·T1 (§17.1.1.2)', () => {
    const { rig, user } = call();
    rig.clock.advance(63_990);
    expect(user.events).toEqual([]);
    rig.clock.advance(20);
    expect(user.events).toEqual(['timeout']);
  });

  it('timer C does not depend on them (§16.6)', () => {
    const { rig, user, answer } = call();
    answer(180);
    rig.clock.advance(184_990);
    expect(user.events).toEqual(['180']);
    rig.clock.advance(20);
    expect(user.events).toEqual(['180', 'silence']);
  });

  it('timer D is 64·T1 (§17.1.1.2)', () => {
    const { rig, answer } = call();
    answer(486);
    expect(lifetime(rig)).toBe(64);
  });

  it('timer E starts at T1 and is capped at T2; T2 throughout after a provisional response (§17.1.2.2)', () => {
    const { rig, answer } = otherRequest();
    expect(rig.watch(12_000)).toEqual(['BYE@1000', 'BYE@3000', 'BYE@6000', 'BYE@9000', 'BYE@12000']);
    answer(100);
    expect(rig.watch(7000)).toEqual(['BYE@3000', 'BYE@6000']);
  });

  it('timer F is 64·T1 (§17.1.2.2)', () => {
    const { rig, user } = otherRequest();
    rig.clock.advance(63_990);
    expect(user.events).toEqual([]);
    rig.clock.advance(20);
    expect(user.events).toEqual(['timeout']);
  });

  it('timer G starts at T1 and is capped at T2, timer H is 64·T1 (§17.2.1)', () => {
    const { rig, respond } = called();
    respond(486);
    expect(rig.watch(12_000)).toEqual(['486@1000', '486@3000', '486@6000', '486@9000', '486@12000']);
    expect(lifetime(rig)).toBe(52);
  });

  it('timer I is T4 (§17.2.1)', () => {
    const { rig, respond } = called();
    respond(486);
    rig.receive(request('ACK', { toTag: 'bob' }));
    expect(lifetime(rig)).toBe(7);
  });

  it('timer J is 64·T1 (§17.2.2)', () => {
    const { rig, respond } = called('OPTIONS');
    respond(200);
    expect(lifetime(rig)).toBe(64);
  });

  it('timer K is T4 (§17.1.2.2)', () => {
    const { rig, answer } = otherRequest();
    answer(200);
    expect(lifetime(rig)).toBe(7);
  });

  it('timer L is 64·T1 (RFC 6026 §7.1)', () => {
    const { rig, respond } = called();
    respond(200);
    expect(lifetime(rig)).toBe(64);
  });

  it('timer M is 64·T1 (RFC 6026 §7.2)', () => {
    const { rig, answer } = call();
    answer(200);
    expect(lifetime(rig)).toBe(64);
  });

  it('a cancelled INVITE is given up 64·T1 after its CANCEL (§9.1)', () => {
    const { rig, user, tx, answer } = call();
    answer(180);
    rig.clock.advance(50_000);
    rig.layer.cancel(tx, cancelFor(tx.request), new RecordingUser());
    rig.clock.advance(63_990);
    expect(user.events).toEqual(['180']);
    rig.clock.advance(20);
    expect(user.events).toEqual(['180', 'timeout']);
  });
});

describe('over a reliable transport (RFC 3261 §17.1.1.2, §17.1.2.2, §17.2)', () => {
  for (const protocol of ['tcp', 'tls'] as const) {
    it(`${protocol}: timers B and F still run`, () => {
      const rig = new TransactionRig();
      const [invite, bye] = [new RecordingUser(), new RecordingUser()];
      if (protocol === 'tls') rig.transport.listeningPointFor = () => rig.transport.listeningPoints[1];
      rig.layer.sendInvite(request('INVITE', { via: false }), peer(protocol), invite);
      rig.layer.send(request('BYE', { via: false, toTag: 'bob' }), peer(protocol), bye);
      expect(rig.watch(31_990)).toEqual([]);
      rig.clock.advance(20);
      expect([...invite.events, ...bye.events]).toEqual(['timeout', 'timeout']);
    });

    it(`${protocol}: timer H still waits for the ACK, timers D, I, J and K are zero`, () => {
      const rig = new TransactionRig();
      const tlsInvite = request('INVITE', { protocol });
      rig.receive(tlsInvite, protocol);
      rig.invite!.respond(response(tlsInvite, 486));
      expect(rig.watch(31_980)).toEqual([]);
      expect(rig.size).toBe(1);
      rig.clock.advance(40);
      expect(rig.size).toBe(0);
      const options = request('OPTIONS', { protocol });
      rig.receive(options, protocol);
      rig.other!.respond(response(options, 200));
      expect(rig.size).toBe(0);
    });

    it(`${protocol}: timers L and M still run: 2xx of other branches may come (RFC 6026 §7)`, () => {
      const rig = new TransactionRig();
      const invite = request('INVITE', { protocol });
      rig.receive(invite, protocol);
      rig.invite!.respond(response(invite, 200));
      rig.receive(request('INVITE', { protocol }), protocol);
      expect(rig.requests).toHaveLength(1);
      expect(lifetime(rig)).toBe(32);
    });
  }
});
