import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft, type OutgoingCall } from '../support/dialog-rig.ts';
import { response } from '../support/messages.ts';

const inviteCseq = (call: OutgoingCall) => Number.parseInt(call.invite.headers.get('CSeq')!, 10);

const rackFor = (call: OutgoingCall, rseq: number) => `${rseq} ${inviteCseq(call)} INVITE`;

/** As drachtio-srf does it: PRACK in the dialog, with the RAck made from the response. */
function prack(rig: DialogRig, call: OutgoingCall, rseq: number): Sent {
  const headers = { rack: rackFor(call, rseq) };
  return rig.agent.requestInDialog(call.dialogId, draft('PRACK', 'sip:placeholder', headers)) as Sent;
}

const rseq = (number: number, headers: Record<string, string> = {}) => ({
  Require: '100rel',
  RSeq: `${number}`,
  ...headers,
});

describe('reliable provisional responses of the peer (RFC 3262 §4)', () => {
  it('make the dialog: the PRACK has tag, route set, target, its RAck and the next CSeq', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(183, rseq(77, { 'Record-Route': '<sip:192.0.2.50;lr>', Contact: '<sip:bob@192.0.2.66>' }), 'early');
    expect(rig.application.take()).toEqual(['183']);
    const sent = prack(rig, call, 77);
    const request = rig.transport.lastRequest();
    expect(request.method).toBe('PRACK');
    expect(request.headers.get('To')).toContain(';tag=early');
    expect(request.headers.get('RAck')).toBe(rackFor(call, 77));
    expect(request.headers.get('CSeq')).toBe(`${inviteCseq(call) + 1} PRACK`);
    expect(request.headers.getAll('Route')).toEqual(['<sip:192.0.2.50;lr>']);
    rig.receive(response(request, 200, 'early'));
    expect(rig.application.ids.at(-1)).toEqual({ transactionId: sent.transactionId, dialogId: call.dialogId });
  });

  it('without Contact are acknowledged to the Request-URI of the INVITE', () => {
    const rig = new DialogRig();
    const call = rig.call({ uri: 'sip:bob@192.0.2.9:5060;line=1' });
    const ringing = response(call.invite, 180);
    for (const [name, value] of Object.entries(rseq(1))) ringing.headers.append(name, value);
    rig.receive(ringing);
    prack(rig, call, 1);
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060;line=1');
  });

  it('are dropped when repeated or out of order', () => {
    const rig = new DialogRig();
    const call = rig.call();
    for (const number of [5, 5, 7, 6, 6, 7, 5]) call.answer(180, rseq(number));
    call.answer(180);
    expect(rig.application.take()).toEqual(['180', '180', '180', '180']);
  });

  it('count for each fork by itself', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, rseq(5), 'one');
    call.answer(180, rseq(900), 'two');
    call.answer(180, rseq(6), 'one');
    call.answer(180, rseq(902), 'two');
    expect(rig.application.take()).toEqual(['180', '180', '180']);
  });

  it('have their PRACK taken to the fork that sent them, in its own CSeq space', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, rseq(5, { Contact: '<sip:one@192.0.2.9:5060>' }), 'one');
    call.answer(180, rseq(900, { Contact: '<sip:two@192.0.2.9:5060>' }), 'two');
    prack(rig, call, 5);
    expect(rig.transport.lastRequest().uri).toBe('sip:one@192.0.2.9:5060');
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=one');
    prack(rig, call, 900);
    expect(rig.transport.lastRequest().uri).toBe('sip:two@192.0.2.9:5060');
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=two');
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(`${inviteCseq(call) + 1} PRACK`);
  });

  it('have their PRACKs taken in turn to forks that numbered alike', () => {
    const rig = new DialogRig();
    const call = rig.call();
    for (const tag of ['one', 'two']) call.answer(180, rseq(1), tag);
    for (const tag of ['one', 'two']) {
      prack(rig, call, 1);
      expect(rig.transport.lastRequest().headers.get('To')).toContain(`;tag=${tag}`);
    }
  });

  it('may be overtaken by the 2xx of another fork and are acknowledged all the same', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, rseq(5), 'one');
    call.answer(200, { Contact: '<sip:two@192.0.2.9:5060>' }, 'two');
    prack(rig, call, 5);
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=one');
    void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=two');
    expect(rig.transport.lastRequest().uri).toBe('sip:two@192.0.2.9:5060');
    void rig.agent.requestInDialog(call.dialogId, draft('INFO'));
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=two');
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(`${inviteCseq(call) + 1} INFO`);
  });

  it('leave CSeq counting on when the fork that answers has had a PRACK', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, {}, 'one');
    call.answer(180, rseq(1), 'two');
    prack(rig, call, 1);
    call.answer(200, {}, 'two');
    void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(`${inviteCseq(call)} ACK`);
    void rig.agent.requestInDialog(call.dialogId, draft('INFO'));
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(`${inviteCseq(call) + 2} INFO`);
  });

  for (const order of [
    ['PRACK', 'INVITE'],
    ['INVITE', 'PRACK'],
  ]) {
    it(`end well when the 200s to both come back to back, ${order[0]} first`, () => {
      const rig = new DialogRig();
      const call = rig.call();
      call.answer(183, rseq(1));
      prack(rig, call, 1);
      const request = rig.transport.lastRequest();
      rig.application.take();
      for (const which of order) {
        if (which === 'PRACK') rig.receive(response(request, 200));
        else call.answer(200);
      }
      expect(rig.application.take()).toEqual(['200', '200']);
      void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
      expect(rig.transport.lastRequest().method).toBe('ACK');
      expect(rig.agent.dialogs.get(call.dialogId)?.isConfirmed).toBe(true);
    });
  }

  it('are forgotten with the INVITE once its only peer has answered', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, rseq(1));
    call.answer(200);
    expect(rig.agent.dialogs.get(call.dialogId)?.forks).toBeUndefined();
  });

  it('refuse a PRACK that names none of them', () => {
    const rig = new DialogRig();
    const call = rig.call();
    expect(() => prack(rig, call, 1)).toThrow('RAck');
    call.answer(180, rseq(1));
    expect(() => prack(rig, call, 2)).toThrow('RAck');
  });
});
