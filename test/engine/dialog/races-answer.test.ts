import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const acknowledge = (rig: DialogRig, dialogId: string) => rig.agent.requestInDialog(dialogId, draft('ACK')) as Sent;

const ackOf = (toTag: string, cseq = 1) => request('ACK', { toTag, cseq, branch: `z9hG4bKack${cseq}` });

describe('our 2xx and its ACK (RFC 3261 §13.3.1.4)', () => {
  it('cross on the way: the 200 sent again is acknowledged again, the application hears of one ACK', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    rig.clock.advance(510);
    rig.receive(ackOf(localTag));
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKsecond' }));
    expect(rig.transport.take()).toEqual(['200']);
    expect(rig.application.take()).toEqual(['ACK']);
    expect(rig.watch(40_000)).toEqual([]);
  });

  it('lose the ACK: the 200 goes on until one arrives', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    expect(rig.watch(8000)).toEqual(['200@500', '200@1500', '200@3500', '200@7500']);
    rig.application.take();
    rig.receive(ackOf(localTag));
    expect(rig.application.take()).toEqual(['ACK']);
    expect(rig.watch(40_000)).toEqual([]);
  });

  it('lose the 200: the INVITE sent again is absorbed, the 200 goes on by its own timer (RFC 6026 §7.1)', () => {
    const rig = new DialogRig();
    rig.answeredCall();
    rig.settle();
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual([]);
    expect(rig.application.take()).toEqual([]);
    expect(rig.watch(500)).toEqual(['200@500']);
  });

  it('are given up over TCP too after 64·T1', async () => {
    const rig = new DialogRig();
    rig.answeredCall({}, 'tcp');
    rig.settle();
    rig.clock.advance(32_020);
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['BYE']);
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
  });

  it('are overtaken by a re-INVITE: each 200 is resent until its own ACK, and both ACKs are told', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.receive(request('INVITE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKre' }));
    rig.respond(200);
    rig.settle();
    expect(rig.watch(500)).toEqual(['200@500', '200@500']);
    rig.receive(ackOf(localTag, 2));
    expect(rig.watch(1000)).toEqual(['200@1000']);
    rig.receive(ackOf(localTag, 1));
    expect(rig.application.take()).toEqual(['ACK', 'ACK']);
    const [second, first] = rig.application.ids.slice(-2);
    expect(first!.transactionId).toBe(rig.application.ids[0]!.transactionId);
    expect(second!.transactionId).not.toBe(first!.transactionId);
    expect(rig.watch(40_000)).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('the ACK to a re-INVITE never comes: BYE, told like the first (§14.2)', async () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(request('INVITE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKre' }));
    rig.respond(200);
    rig.settle();
    rig.clock.advance(32_020);
    await Promise.resolve();
    expect(rig.transport.lastRequest().headers.get('Reason')).toContain('ACK timeout');
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
  });
});

describe('responses to our INVITE out of order (RFC 3261 §13.2.2)', () => {
  it('180 and 200 in one tick arrive in order', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    call.answer(200);
    expect(rig.application.take()).toEqual(['180', '200']);
  });

  it('a 180 the 200 has overtaken is not told any more', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    call.answer(180);
    acknowledge(rig, call.dialogId);
    call.answer(183);
    expect(rig.application.take()).toEqual(['200']);
  });

  it('a final response without any 1xx is as good as one with', () => {
    for (const status of [200, 302, 486, 603]) {
      const rig = new DialogRig();
      const call = rig.call();
      call.answer(status);
      expect(rig.application.take()).toEqual([`${status}`]);
      expect(rig.watch(2000)).toEqual([]);
    }
  });

  it('our ACK is lost: each 200 sent again gets the same ACK, for 64·T1', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    for (const wait of [500, 1000, 2000, 4000, 24_000]) {
      rig.clock.advance(wait);
      call.answer(200);
      expect(rig.transport.take()).toEqual(['ACK']);
    }
    rig.clock.advance(1000);
    call.answer(200);
    expect(rig.transport.take()).toEqual([]);
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('the BYE of the callee overtakes our ACK, and its 200 comes again: ACK, and nothing else', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    rig.receive(call.peerRequest('BYE'));
    rig.respond(200);
    rig.settle();
    call.answer(200);
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual([]);
  });
});

describe('a forked INVITE (RFC 3261 §13.2.2.4)', () => {
  it('answered twice in one tick: the first is the call, the second gets ACK and BYE', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.settle();
    call.answer(200, {}, 'one');
    call.answer(200, {}, 'two');
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['200']);
    expect(rig.transport.sent.map(({ message }) => /tag=(.*)$/.exec(message.headers.get('To')!)![1])).toEqual([
      'two',
      'two',
    ]);
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    acknowledge(rig, call.dialogId);
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=one');
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('answered by a branch that did not ring: its 200 decides', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, { Contact: '<sip:one@192.0.2.9:5060>' }, 'one');
    call.answer(183, { Contact: '<sip:two@192.0.2.9:5060>' }, 'two');
    call.answer(200, { Contact: '<sip:one@192.0.2.9:5060>' }, 'one');
    acknowledge(rig, call.dialogId);
    expect(rig.transport.lastRequest().uri).toBe('sip:one@192.0.2.9:5060');
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=one');
  });

  it('answered by another branch after 64·T1: it is on its own, the call is not touched (RFC 6026 §7.2)', async () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    rig.clock.advance(32_020);
    call.answer(200, {}, 'late');
    await Promise.resolve();
    expect(rig.transport.take()).toEqual([]);
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('answered by a second branch after the first has hung up: that one is released too', async () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    rig.receive(call.peerRequest('BYE'));
    rig.respond(200);
    rig.settle();
    call.answer(200, {}, 'two');
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    expect(rig.application.take()).toEqual([]);
  });

  it('the released branch hangs up itself: 481, its call is over already', async () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    call.answer(200, {}, 'two');
    await Promise.resolve();
    rig.settle();
    const bye = call.peerRequest('BYE');
    bye.headers.set('From', '<sip:bob@192.0.2.9:5060>;tag=two');
    rig.receive(bye);
    expect(rig.transport.take()).toEqual(['481']);
    expect(rig.agent.dialogs.size).toBe(1);
  });
});

describe('a challenge (RFC 3261 §22.2)', () => {
  const challenged = (status: number) => {
    const rig = new DialogRig();
    const first = rig.call({ headers: { CSeq: '7 INVITE' } });
    first.answer(status);
    const { headers } = first.invite;
    const again = { CSeq: '8 INVITE', 'Call-ID': headers.get('Call-ID')!, From: headers.get('From')! };
    const retry = rig.call({ headers: again, nextHop: 'sip:192.0.2.9:5060' });
    rig.settle();
    return { rig, first, retry };
  };

  for (const status of [401, 407]) {
    it(`repeated because our ACK was lost: the ${status} is acknowledged again, the retry goes on`, () => {
      const { rig, first, retry } = challenged(status);
      first.answer(status);
      expect(rig.transport.take()).toEqual(['ACK']);
      expect(rig.transport.sent).toEqual([]);
      retry.answer(180);
      first.answer(status);
      retry.answer(200);
      expect(rig.application.take()).toEqual(['180', '200']);
      acknowledge(rig, retry.dialogId);
      expect(rig.transport.lastRequest().headers.get('CSeq')).toBe('8 ACK');
    });
  }

  it('again for the retry is the final response of that one; a third try is possible', () => {
    const { rig, retry } = challenged(407);
    retry.answer(407);
    expect(rig.application.take()).toEqual(['407']);
    expect(rig.agent.dialogs.size).toBe(0);
    const { headers } = retry.invite;
    const third = { CSeq: '9 INVITE', 'Call-ID': headers.get('Call-ID')!, From: headers.get('From')! };
    expect(rig.call({ headers: third }).dialogId).toBe(retry.dialogId);
  });

  it('for a re-INVITE leaves the dialog up, and the retry counts CSeq on', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    void rig.agent.requestInDialog(dialogId, draft('INVITE'));
    rig.receive(response(rig.transport.lastRequest(), 407));
    void rig.agent.requestInDialog(dialogId, draft('INVITE', 'sip:placeholder', { CSeq: '99 INVITE' }));
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe('3 INVITE');
    rig.receive(response(rig.transport.lastRequest(), 200));
    expect(rig.application.take()).toEqual(['407', '200']);
  });
});
