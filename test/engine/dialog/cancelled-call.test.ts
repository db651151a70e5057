import { describe, expect, it } from 'vitest';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

describe('CANCEL from the caller (RFC 3261 §9.2)', () => {
  it('before the application answered: 200 and 487 with one tag, frame without a dialog', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    const inviteId = rig.application.ids.at(-1)!.transactionId;
    rig.settle();
    rig.receive(request('CANCEL', { headers: { Reason: 'SIP;cause=200' } }));
    const [ok, terminated] = rig.transport.sent.map(({ message }) => message);
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(ok!.headers.get('To')).toBe(terminated!.headers.get('To'));
    expect(rig.application.take()).toEqual(['CANCEL']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId: inviteId, dialogId: '' });
    expect(rig.application.lastRequest?.headers.get('Reason')).toBe('SIP;cause=200');
  });

  it('while ringing: the frame names the dialog, and late answers are refused', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(180);
    rig.receive(request('CANCEL'));
    expect(rig.application.ids.at(-1)?.dialogId).toBe('call-1;from-tag=alice');
    expect(() => rig.respond(487)).toThrow('unable to find transaction');
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('leaves a transaction that resends its 487 and takes a repeated INVITE for what it is', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.receive(request('CANCEL'));
    rig.settle();
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual(['487']);
    expect(rig.application.take()).toEqual([]);
    expect(rig.watch(600)).toEqual(['487@500']);
    rig.receive(request('ACK', { toTag: 'any' }));
    expect(rig.watch(5000)).toEqual([]);
    expect(rig.application.take()).toEqual([]);
  });

  it('after the 200 has no effect', () => {
    const rig = new DialogRig();
    rig.answeredCall();
    rig.settle();
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['200']);
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('may also be a BYE in the early dialog: 200, 487, and CANCEL for the application (§15)', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(180);
    const toTag = rig.localTag();
    rig.settle();
    rig.receive(request('BYE', { toTag, cseq: 2, branch: 'z9hG4bKbye' }));
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(rig.application.take()).toEqual(['CANCEL']);
  });
});

describe('CANCEL by the application (RFC 3261 §9.1)', () => {
  const cancel = (rig: DialogRig, id: string) => rig.agent.cancel(id, draft('CANCEL', undefined, { Reason: 'Q.850' }));

  it('goes out at once after a provisional response, with the headers the application adds', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    rig.settle();
    const sent = cancel(rig, call.transactionId);
    const message = rig.transport.lastRequest();
    expect(message.method).toBe('CANCEL');
    expect(message.headers.get('Reason')).toBe('Q.850');
    expect(message.headers.get('Via')).toBe(call.invite.headers.get('Via'));
    expect(sent.bytes.toString()).toContain('Reason: Q.850');
    expect(sent.transactionId).not.toBe(call.transactionId);
  });

  it('waits for the first provisional response', () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.settle();
    cancel(rig, call.transactionId);
    expect(rig.transport.take()).toEqual([]);
    call.answer(100);
    expect(rig.transport.take()).toEqual(['CANCEL']);
  });

  it('is never sent when the final response comes first', () => {
    const rig = new DialogRig();
    const call = rig.call();
    cancel(rig, call.transactionId);
    rig.settle();
    call.answer(486);
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual(['486']);
  });

  it('is refused when the INVITE is over, unknown, or being cancelled already', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    expect(() => cancel(rig, call.transactionId)).toThrow('being cancelled');
    call.answer(487);
    expect(() => cancel(rig, call.transactionId)).toThrow('unable to find transaction');
    expect(() => cancel(rig, 'nonsense')).toThrow('unable to find transaction');
  });

  it('ends in a 487 made up here when the peer says nothing for 64·T1', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.receive(response(rig.transport.lastRequest(), 200));
    rig.settle();
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['487']);
    expect(rig.agent.dialogs.size).toBe(0);
    rig.clock.advance(32_020);
    expect(rig.tables).toBe(0);
  });

  it('crossing a 200 leads to ACK and at once BYE, and the application is told (§9.1)', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    cancel(rig, call.transactionId);
    rig.settle();
    call.answer(200);
    expect(rig.application.take()).toEqual(['200']);
    await rig.agent.requestInDialog(call.dialogId, draft('ACK'));
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.application.lastOwn?.bytes.toString()).toContain('text="ACK-BYE due to cancel race condition"');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('is sent by the engine itself after three silent minutes (timer C, §16.6)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    rig.settle();
    rig.clock.advance(185_020);
    expect(rig.transport.take()).toContain('CANCEL');
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['487']);
  });
});
