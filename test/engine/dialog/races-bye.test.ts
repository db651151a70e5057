import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const inDialog = (rig: DialogRig, dialogId: string, method: string) =>
  rig.agent.requestInDialog(dialogId, draft(method)) as Sent;

const peerRequest = (method: string, toTag: string, cseq: number) =>
  request(method, { toTag, cseq, branch: `z9hG4bK${method}${cseq}` });

/** A call that is up, with what either side may do in it. */
const upCall = () => {
  const rig = new DialogRig();
  const { localTag, dialogId } = rig.confirmedCall();
  const send = (method: string) => {
    inDialog(rig, dialogId, method);
    const sent = rig.transport.lastRequest();
    rig.settle();
    return { answer: (status: number) => rig.receive(response(sent, status)) };
  };
  return {
    rig,
    localTag,
    dialogId,
    send,
    theirs: (method: string, cseq = 2) => rig.receive(peerRequest(method, localTag, cseq)),
  };
};

const expectNothingLeft = (rig: DialogRig) => {
  rig.clock.advance(140_000);
  expect(rig.tables).toBe(0);
};

describe('BYE crossing BYE (RFC 3261 §15.1)', () => {
  for (const status of [200, 481]) {
    it(`ours first: both are answered, ours with ${status}; each told once`, () => {
      const { rig, send, theirs } = upCall();
      const bye = send('BYE');
      theirs('BYE');
      expect(rig.application.take()).toEqual(['BYE']);
      rig.respond(200);
      bye.answer(status);
      expect(rig.application.take()).toEqual([`${status}`]);
      expect(rig.transport.take()).toEqual(['200']);
      expectNothingLeft(rig);
    });
  }

  it('theirs first: ours finds no dialog any more', () => {
    const { rig, dialogId, theirs } = upCall();
    theirs('BYE');
    expect(() => inDialog(rig, dialogId, 'BYE')).toThrow('unable to find dialog');
    rig.respond(200);
    expectNothingLeft(rig);
  });

  it('theirs comes after ours was answered: 481', () => {
    const { rig, send, theirs } = upCall();
    send('BYE').answer(200);
    rig.settle();
    theirs('BYE');
    expect(rig.transport.take()).toEqual(['481']);
    expect(rig.application.take()).toEqual([]);
  });

  it('theirs is repeated: the answer is repeated, nobody is told', () => {
    const { rig, theirs } = upCall();
    theirs('BYE');
    rig.respond(200);
    theirs('BYE');
    expect(rig.transport.take()).toEqual(['200', '200']);
    expect(rig.application.take()).toEqual(['BYE']);
  });
});

describe('BYE before the ACK (RFC 3261 §15)', () => {
  it('of the caller: the ACK that follows is for nobody', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    rig.receive(peerRequest('BYE', localTag, 2));
    rig.respond(200);
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
    expect(rig.application.take()).toEqual(['BYE']);
    expect(rig.transport.take()).toEqual(['200']);
    expectNothingLeft(rig);
  });

  it('of the application that called: the engine acknowledges first, then the call ends', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    rig.settle();
    inDialog(rig, call.dialogId, 'BYE');
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    call.answer(200);
    expect(rig.transport.take()).toEqual(['ACK']);
  });

  it('of the callee, before the application acknowledged: ACK at once, a later one of the application is refused', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    rig.settle();
    rig.receive(call.peerRequest('BYE'));
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(() => inDialog(rig, call.dialogId, 'ACK')).toThrow('no 2xx is waiting');
    expect(rig.application.take()).toEqual(['BYE']);
  });
});

describe('their BYE (RFC 3261 §15.1.2)', () => {
  it('crossing our re-INVITE, 487 of theirs late or never: 487 is told at once, and once', () => {
    for (const late of [487, 200, undefined]) {
      const { rig, send, theirs } = upCall();
      const invite = send('INVITE');
      theirs('BYE');
      rig.respond(200);
      expect(rig.application.take()).toEqual(['487', 'BYE']);
      rig.settle();
      if (late !== undefined) invite.answer(late);
      expect(rig.transport.take()).toEqual(late === undefined ? [] : ['ACK']);
      expect(rig.application.take()).toEqual([]);
      expectNothingLeft(rig);
    }
  });

  it('crossing their own re-INVITE: 487 for that, and the answer of the application is refused', () => {
    const { rig, theirs } = upCall();
    theirs('INVITE', 2);
    rig.settle();
    const { transactionId } = rig.application.ids.at(-1)!;
    theirs('BYE', 3);
    expect(rig.transport.take()).toEqual(['487']);
    expect(() => rig.agent.respond(transactionId, { ...response(request('INVITE'), 200) })).toThrow('unable to find');
    rig.respond(200);
    expectNothingLeft(rig);
  });

  it('crossing our 200 to their re-INVITE: it is not resent any more, nor answered by a BYE', () => {
    const { rig, theirs } = upCall();
    theirs('INVITE', 2);
    rig.respond(200);
    theirs('BYE', 3);
    rig.respond(200);
    rig.settle();
    expect(rig.watch(40_000)).toEqual([]);
    expectNothingLeft(rig);
  });

  it('crossing their 200 to our re-INVITE: 200 first, then the ACK is ours to send', () => {
    const { rig, send, theirs } = upCall();
    const invite = send('INVITE');
    invite.answer(200);
    theirs('BYE');
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual(['200', 'BYE']);
  });

  it('crossing a request of ours: that still gets its answer', () => {
    for (const late of [200, 481]) {
      const { rig, send, theirs } = upCall();
      const info = send('INFO');
      theirs('BYE');
      rig.respond(200);
      info.answer(late);
      expect(rig.application.take()).toEqual(['BYE', `${late}`]);
      expectNothingLeft(rig);
    }
  });

  it('crossing a request of theirs the application has not answered: its answer still goes out', () => {
    const { rig, theirs } = upCall();
    theirs('INFO', 2);
    const { transactionId } = rig.application.ids.at(-1)!;
    theirs('BYE', 3);
    rig.respond(200);
    rig.settle();
    rig.agent.respond(transactionId, response(request('INFO'), 200));
    expect(rig.transport.lastResponse().headers.get('CSeq')).toBe('2 INFO');
    expectNothingLeft(rig);
  });
});

describe('our BYE (RFC 3261 §15.1.1)', () => {
  it('crossing their re-INVITE: once ours is answered, theirs gets 487 and nobody resends anything', () => {
    const { rig, send, theirs } = upCall();
    const bye = send('BYE');
    theirs('INVITE');
    const { transactionId } = rig.application.ids.at(-1)!;
    rig.settle();
    bye.answer(200);
    expect(rig.transport.take()).toEqual(['487']);
    expect(() => rig.agent.respond(transactionId, response(request('INVITE'), 200))).toThrow('unable to find');
    rig.receive(request('ACK', { toTag: 'any', cseq: 2, branch: 'z9hG4bKINVITE2' }));
    expect(rig.watch(40_000)).toEqual([]);
    expectNothingLeft(rig);
  });

  it('crossing their re-INVITE the application has answered: its 200 is not resent once the call is over', () => {
    const { rig, send, theirs } = upCall();
    const bye = send('BYE');
    theirs('INVITE');
    rig.respond(200);
    bye.answer(200);
    rig.settle();
    expect(rig.watch(40_000)).toEqual([]);
    expect(rig.application.take()).toEqual([]);
    expectNothingLeft(rig);
  });

  it('after our re-INVITE, unanswered so far: CANCEL waits for a 1xx, BYE does not', () => {
    const { rig, dialogId, send } = upCall();
    const invite = send('INVITE');
    inDialog(rig, dialogId, 'BYE');
    const bye = rig.transport.lastRequest();
    expect(rig.transport.take()).toEqual(['BYE']);
    invite.answer(100);
    expect(rig.transport.take()).toEqual(['CANCEL']);
    invite.answer(487);
    rig.receive(response(bye, 200));
    expect(rig.application.take()).toEqual(['487', '200']);
    expectNothingLeft(rig);
  });

  it('crossing their 200 to our re-INVITE: it is acknowledged without the application', () => {
    const { rig, dialogId, send } = upCall();
    const invite = send('INVITE');
    invite.answer(100);
    inDialog(rig, dialogId, 'BYE');
    const bye = rig.transport.lastRequest();
    rig.settle();
    rig.receive(response(bye, 200));
    invite.answer(200);
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual(['200', '200']);
    expect(() => inDialog(rig, dialogId, 'ACK')).toThrow('no 2xx is waiting');
    expectNothingLeft(rig);
  });
});

describe('a session timer (RFC 4028)', () => {
  it('does not begin in a call that is over when its re-INVITE is answered', async () => {
    const { rig, dialogId, send } = upCall();
    inDialog(rig, dialogId, 'INVITE');
    const invite = rig.transport.lastRequest();
    send('BYE').answer(200);
    const late = response(invite, 200);
    late.headers.append('Session-Expires', '90;refresher=uac');
    rig.receive(late);
    rig.settle();
    rig.clock.advance(200_000);
    await Promise.resolve();
    expect(rig.transport.take()).toEqual([]);
    expect(rig.application.take()).toEqual([]);
  });
});

describe('re-INVITEs crossing (RFC 3261 §14)', () => {
  it('both sides at once: theirs gets 491, ours whatever they say; then either may try again', () => {
    const { rig, dialogId, send, theirs } = upCall();
    const invite = send('INVITE');
    theirs('INVITE', 2);
    expect(rig.transport.take()).toEqual(['100', '491']);
    invite.answer(491);
    expect(rig.application.take()).toEqual(['491']);
    rig.receive(request('ACK', { toTag: 'any', cseq: 2, branch: 'z9hG4bKINVITE2' }));
    theirs('INVITE', 3);
    expect(rig.application.take()).toEqual(['INVITE']);
    rig.respond(200);
    inDialog(rig, dialogId, 'INVITE');
    expect(rig.transport.lastRequest().method).toBe('INVITE');
  });

  it('theirs first, unanswered: the application may still send its own, and either ends on its own', () => {
    const { rig, send, theirs } = upCall();
    theirs('INVITE', 2);
    const theirId = rig.application.ids.at(-1)!.transactionId;
    const invite = send('INVITE');
    invite.answer(491);
    expect(rig.application.take()).toEqual(['491']);
    rig.agent.respond(theirId, response(request('INVITE'), 200));
    expect(rig.transport.take()).toEqual(['ACK', '200']);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('of the callee right after its 200, before the application acknowledged: told after the 200', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    rig.receive(call.peerRequest('INVITE'));
    expect(rig.application.take()).toEqual(['200', 'INVITE']);
    const reinviteId = rig.application.ids.at(-1)!.transactionId;
    inDialog(rig, call.dialogId, 'ACK');
    rig.agent.respond(reinviteId, response(request('INVITE'), 200));
    expect(rig.transport.take().slice(-2)).toEqual(['ACK', '200']);
    expect(rig.agent.dialogs.get(call.dialogId)?.isEnded).toBe(false);
  });

  it('is repeated while the application thinks: 100 each time, one frame', () => {
    const { rig, theirs } = upCall();
    theirs('INVITE', 2);
    theirs('INVITE', 2);
    theirs('INVITE', 2);
    expect(rig.transport.take()).toEqual(['100', '100', '100']);
    expect(rig.application.take()).toEqual(['INVITE']);
  });

  it('crosses INFO in both directions without harm', () => {
    const { rig, send, theirs } = upCall();
    const invite = send('INVITE');
    theirs('INFO', 2);
    rig.respond(200);
    invite.answer(200);
    expect(rig.application.take()).toEqual(['INFO', '200']);
  });
});
