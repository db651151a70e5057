import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const INVITE = () => request('INVITE');
const CANCEL = () => request('CANCEL');
const ackOfFailure = () => request('ACK', { toTag: 'any' });

/** Lets 64·T1 and more pass: whatever was going on is over. */
const expectNothingLeft = (rig: DialogRig) => {
  rig.clock.advance(140_000);
  expect(rig.tables).toBe(0);
};

describe('the caller cancels (RFC 3261 §9.2)', () => {
  it('just before the application answers 200: 487 it is, the 200 is refused', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
    expect(rig.transport.take()).toEqual(['100', '200', '487']);
    rig.receive(ackOfFailure());
    expect(rig.watch(10_000)).toEqual([]);
    expectNothingLeft(rig);
  });

  it('just after the application answered 200: the call stands, and its ACK counts', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall();
    rig.receive(CANCEL());
    expect(rig.transport.lastResponse().headers.get('To')).toContain(`;tag=${localTag}`);
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
    expect(rig.application.take()).toEqual(['INVITE', 'ACK']);
    expect(rig.agent.dialogs.get(dialogId)?.isConfirmed).toBe(true);
    expect(rig.watch(10_000)).toEqual([]);
  });

  it('just after the application refused: the refusal stands', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.respond(486);
    rig.receive(CANCEL());
    expect(rig.transport.take()).toEqual(['100', '486', '200']);
    expect(rig.watch(600)).toEqual(['486@500']);
    expect(rig.application.take()).toEqual(['INVITE']);
  });

  it('and the application rings at the same moment: 180 is refused too', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    rig.settle();
    expect(() => rig.respond(180)).toThrow('unable to find transaction');
    expect(rig.transport.take()).toEqual([]);
  });

  it('and its INVITE comes again, before and after the ACK to the 487: never a second call', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    rig.receive(INVITE());
    rig.receive(ackOfFailure());
    rig.receive(INVITE());
    rig.clock.advance(4000);
    rig.receive(INVITE());
    expect(rig.application.take()).toEqual(['INVITE', 'CANCEL']);
    expectNothingLeft(rig);
  });

  it('and dials again under the same Call-ID and tag at once: a new call', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    rig.settle();
    rig.receive(request('INVITE', { cseq: 2, branch: 'z9hG4bKagain' }));
    expect(rig.application.take()).toEqual(['INVITE']);
    rig.receive(ackOfFailure());
    expect(rig.respond(200).dialogId).toBe('call-1;from-tag=alice');
  });

  it('and never acknowledges the 487: it is repeated for 64·T1 and forgotten (timer H)', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    expect(rig.watch(40_000).filter((label) => label.startsWith('487'))).toHaveLength(10);
    expectNothingLeft(rig);
  });

  it('twice: 200 each time, one CANCEL for the application', () => {
    const rig = new DialogRig();
    rig.receive(INVITE());
    rig.receive(CANCEL());
    rig.receive(CANCEL());
    expect(rig.transport.take()).toEqual(['100', '200', '487', '200']);
    expect(rig.application.take()).toEqual(['INVITE', 'CANCEL']);
  });

  it('by CANCEL and BYE at once: one end, told once, whichever comes first (§15)', () => {
    for (const first of ['CANCEL', 'BYE']) {
      const rig = new DialogRig();
      rig.receive(INVITE());
      rig.respond(180);
      const bye = request('BYE', { toTag: rig.localTag(), cseq: 2, branch: 'z9hG4bKbye' });
      rig.settle();
      if (first === 'BYE') rig.receive(bye);
      rig.receive(CANCEL());
      if (first === 'CANCEL') rig.receive(bye);
      expect(rig.application.take()).toEqual(['CANCEL']);
      expect(rig.transport.take()).toEqual(first === 'BYE' ? ['200', '487', '200'] : ['200', '487', '481']);
    }
  });
});

describe('the application cancels (RFC 3261 §9.1)', () => {
  const cancel = (rig: DialogRig, id: string) => rig.agent.cancel(id, draft('CANCEL'));
  const acknowledge = (rig: DialogRig, id: string) => rig.agent.requestInDialog(id, draft('ACK')) as Sent;

  it('before any 1xx, and a 200 comes as the first response: no CANCEL, but ACK and BYE', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    cancel(rig, call.transactionId);
    rig.settle();
    call.answer(200);
    acknowledge(rig, call.dialogId);
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['200', 'own BYE']);
  });

  it('before any 1xx, and nothing ever comes: INVITE is resent, no CANCEL, one final response', () => {
    const rig = new DialogRig();
    const call = rig.call();
    cancel(rig, call.transactionId);
    expect(new Set(rig.watch(32_500).map((label) => label.split('@')[0]))).toEqual(new Set(['INVITE']));
    expect(rig.application.take()).toEqual(['487']);
    expectNothingLeft(rig);
  });

  it('before any 1xx: one CANCEL, however many 1xx follow', () => {
    const rig = new DialogRig();
    const call = rig.call();
    cancel(rig, call.transactionId);
    rig.settle();
    call.answer(100);
    call.answer(180);
    call.answer(183);
    expect(rig.transport.take()).toEqual(['CANCEL']);
    expect(rig.application.take()).toEqual(['180', '183']);
  });

  it('while the 200 is underway, its 200 for the CANCEL coming first or last', async () => {
    for (const cancelAnsweredFirst of [true, false]) {
      const rig = new DialogRig();
      const call = rig.call();
      call.answer(180);
      cancel(rig, call.transactionId);
      const cancelled = response(rig.transport.lastRequest(), 200);
      rig.settle();
      if (cancelAnsweredFirst) rig.receive(cancelled);
      call.answer(200);
      if (!cancelAnsweredFirst) rig.receive(cancelled);
      acknowledge(rig, call.dialogId);
      await Promise.resolve();
      expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
      await Promise.resolve();
      expect(rig.application.take()).toEqual(['200', 'own BYE']);
      expect(() => rig.agent.requestInDialog(call.dialogId, draft('BYE'))).toThrow('unable to find dialog');
    }
  });

  it('just after the 200: refused, the call stands', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    call.answer(200);
    expect(() => cancel(rig, call.transactionId)).toThrow('unable to find transaction');
    acknowledge(rig, call.dialogId);
    expect(rig.transport.take()).toEqual(['INVITE', 'ACK']);
  });

  it('and gets the 487 twice: both acknowledged, one told', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.settle();
    call.answer(487);
    call.answer(487);
    expect(rig.transport.take()).toEqual(['ACK', 'ACK']);
    expect(rig.application.take()).toEqual(['487']);
  });

  it('and gets another refusal than 487: that is the final response', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.application.take();
    call.answer(486);
    expect(rig.application.take()).toEqual(['486']);
  });

  it('and a 200 follows the 487, as no proxy should let it: the 487 stands', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    call.answer(487);
    rig.settle();
    call.answer(200);
    expect(rig.application.take()).toEqual([]);
    expectNothingLeft(rig);
  });

  it('and CANCEL is answered 481: still waits for the final response of the INVITE', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.receive(response(rig.transport.lastRequest(), 481));
    expect(rig.application.take()).toEqual(['180']);
    call.answer(487);
    expect(rig.application.take()).toEqual(['487']);
  });

  it('and nobody answers even the CANCEL: it is resent, then 487 is made up here, once', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.application.take();
    expect(rig.watch(32_500).filter((label) => label.startsWith('CANCEL'))).toHaveLength(10);
    expect(rig.application.take()).toEqual(['487']);
    expectNothingLeft(rig);
  });
});

describe('an answer after the final response was made up here', () => {
  const tooLate = [
    ['nothing came for 64·T1 (timer B)', () => {}],
    [
      'a cancelled INVITE got nothing for 64·T1 (§9.1)',
      (rig: DialogRig, id: string, answer: (status: number) => void) => {
        answer(180);
        rig.agent.cancel(id, draft('CANCEL'));
      },
    ],
  ] as const;

  for (const [when, prepare] of tooLate) {
    it(`is acknowledged and hung up, the application not told: ${when}`, async () => {
      const rig = new DialogRig();
      const call = rig.call();
      prepare(rig, call.transactionId, (status) => call.answer(status));
      rig.clock.advance(32_020);
      rig.settle();
      call.answer(200);
      await Promise.resolve();
      const [ack, bye] = rig.transport.sent.map(({ message }) => message);
      expect([ack, bye].map((each) => each!.headers.get('To'))).toEqual(
        Array(2).fill('<sip:bob@192.0.2.9:5060>;tag=bob'),
      );
      expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
      call.answer(200);
      expect(rig.transport.take()).toEqual(['ACK']);
      expect(rig.application.take()).toEqual([]);
      expectNothingLeft(rig);
    });
  }

  it('to a re-INVITE is acknowledged; the call stands, the application has had its 408', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    void rig.agent.requestInDialog(dialogId, draft('INVITE'));
    const invite = rig.transport.lastRequest();
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['408']);
    rig.transport.take();
    rig.receive(response(invite, 200));
    rig.receive(response(invite, 200));
    expect(rig.transport.take()).toEqual(['ACK', 'ACK']);
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });
});
