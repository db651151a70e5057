import { describe, expect, it } from 'vitest';
import { badHeader } from '../../../sip/engine/message/parse-error.ts';
import { cancelFor } from '../../../sip/engine/transaction/ack.ts';
import { request, response } from '../support/messages.ts';
import { peer, RecordingUser, TransactionRig } from '../support/transaction-rig.ts';

const call = (method: 'INVITE' | 'BYE' = 'INVITE') => {
  const rig = new TransactionRig();
  const user = new RecordingUser();
  const draft = request(method, { via: false });
  if (method === 'INVITE') rig.layer.sendInvite(draft, peer(), user);
  else rig.layer.send(draft, peer(), user);
  const sent = rig.transport.lastRequest();
  rig.transport.take();
  return { rig, user, sent, answer: (status: number, tag?: string) => rig.receive(response(sent, status, tag)) };
};

describe('responses in the wrong state (RFC 3261 §17.1)', () => {
  it('of an INVITE: nothing but 3xx to 6xx counts after a failure (§17.1.1.2)', () => {
    const { rig, user, answer } = call();
    answer(486);
    rig.transport.take();
    answer(180);
    answer(200);
    expect(rig.transport.take()).toEqual([]);
    answer(603);
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(user.events).toEqual(['486']);
  });

  it('of an INVITE: the ACK to a repeated failure is the ACK to the first, byte for byte (§17.1.1.2)', () => {
    const { rig, answer } = call();
    answer(486, 'one');
    const first = rig.transport.lastRequest();
    answer(486, 'two');
    expect(rig.transport.lastRequest().headers.get('To')).toBe(first.headers.get('To'));
  });

  it('of an INVITE: neither 1xx nor failure counts after a 2xx (RFC 6026 §7.2)', () => {
    const { rig, user, answer } = call();
    answer(200);
    answer(180);
    answer(500);
    expect(user.events).toEqual(['200']);
    expect(rig.transport.take()).toEqual([]);
  });

  it('of an INVITE: a final without any 1xx is as good (§17.1.1.2)', () => {
    for (const status of [200, 404]) {
      const { user, answer } = call();
      answer(status);
      expect(user.events).toEqual([`${status}`]);
    }
  });

  it('of an INVITE being cancelled: 1xx pass up, but no longer put the end off (§9.1)', () => {
    const rig = new TransactionRig();
    const user = new RecordingUser();
    const tx = rig.layer.sendInvite(request('INVITE', { via: false }), peer(), user);
    const sent = rig.transport.lastRequest();
    rig.receive(response(sent, 180));
    rig.layer.cancel(tx, cancelFor(tx.request), new RecordingUser());
    rig.clock.advance(20_000);
    rig.receive(response(sent, 183));
    rig.clock.advance(12_020);
    expect(user.events).toEqual(['180', '183', 'timeout']);
  });

  it('of other requests: nothing counts after the final response (§17.1.2.2)', () => {
    const { user, answer } = call('BYE');
    answer(200);
    for (const status of [100, 200, 500]) answer(status);
    expect(user.events).toEqual(['200']);
  });

  it('of other requests: a second 1xx passes up and changes nothing (§17.1.2.2)', () => {
    const { rig, user, answer } = call('BYE');
    answer(100);
    rig.clock.advance(3000);
    answer(183);
    expect(user.events).toEqual(['100', '183']);
    expect(rig.watch(1500)).toEqual(['BYE@1000']);
  });

  it('a request where a response is due is no response: our own branch comes back to us as a new request', () => {
    const { rig, user, sent } = call();
    rig.receive(sent);
    expect(user.events).toEqual([]);
    expect(rig.requests).toHaveLength(1);
  });
});

describe('what the user does in the wrong state (RFC 3261 §17.2)', () => {
  it('a second final response is discarded, the first goes on being sent again (§17.2.2)', () => {
    const rig = new TransactionRig();
    const options = request('OPTIONS');
    rig.receive(options);
    rig.other!.respond(response(options, 200));
    rig.other!.respond(response(options, 500));
    rig.other!.respond(response(options, 100));
    rig.receive(request('OPTIONS'));
    expect(rig.transport.take()).toEqual(['200', '200']);
  });

  it('a second final response to an INVITE is discarded too (§17.2.1)', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 486));
    rig.invite!.respond(response(invite, 200));
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual(['100', '486', '486']);
  });

  it('a provisional response to other requests is sent, and again with each repetition (§17.2.2)', () => {
    const rig = new TransactionRig();
    const options = request('OPTIONS');
    rig.receive(options);
    rig.other!.respond(response(options, 100));
    rig.receive(request('OPTIONS'));
    rig.other!.respond(response(options, 183));
    rig.receive(request('OPTIONS'));
    rig.other!.respond(response(options, 200));
    rig.receive(request('OPTIONS'));
    expect(rig.transport.take()).toEqual(['100', '100', '183', '183', '200', '200']);
    expect(rig.requests).toHaveLength(1);
  });

  it('nothing is sent once the transaction is over', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 486));
    rig.clock.advance(32_020);
    rig.transport.take();
    rig.invite!.respond(response(invite, 500));
    expect(rig.transport.take()).toEqual([]);
  });
});

describe('requests in the wrong state (RFC 3261 §17.2.1)', () => {
  it('an ACK before any final response goes up and leaves the INVITE open', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.receive(request('ACK', { toTag: 'bob' }));
    expect(rig.requests.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
    rig.invite!.respond(response(invite, 486));
    expect(rig.watch(500)).toEqual(['486@500']);
  });

  it('an ACK that was overtaken by the end of its transaction goes up as a stray', () => {
    const rig = new TransactionRig();
    const invite = request('INVITE');
    rig.receive(invite);
    rig.invite!.respond(response(invite, 486));
    rig.clock.advance(32_020);
    rig.receive(request('ACK', { toTag: 'bob' }));
    expect(rig.requests.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
  });
});

describe('requests that trip the layer above (RFC 3261 §17.2)', () => {
  const tripped = (method: string, error: Error) => {
    const rig = new TransactionRig();
    const trip = () => {
      throw error;
    };
    rig.layer.user = { onInvite: trip, onRequest: trip, onAck: trip };
    expect(() => rig.receive(request(method))).toThrow(error);
    return rig;
  };

  it.each(['INVITE', 'OPTIONS'])('%s is answered 500 and forgotten in time', (method) => {
    const rig = tripped(method, new Error('bug'));
    expect(rig.transport.lastResponse().status).toBe(500);
    rig.clock.advance(33_000);
    expect(rig.size).toBe(0);
  });

  it('a header that cannot be read is what they are told of', () => {
    const rig = tripped('OPTIONS', badHeader('Event', 'RFC 6665 §8.2.1'));
    const { status, reason } = rig.transport.lastResponse();
    expect([status, reason]).toEqual([400, 'Bad Event Header']);
  });
});
