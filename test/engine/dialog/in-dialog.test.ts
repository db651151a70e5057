import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const inDialog = (rig: DialogRig, dialogId: string, method: string, headers = {}, body = '') =>
  rig.agent.requestInDialog(dialogId, draft(method, 'sip:placeholder', headers, body)) as Sent;

const peerRequest = (method: string, toTag: string, cseq = 2, headers = {}) =>
  request(method, { toTag, cseq, headers, branch: `z9hG4bK${method}${cseq}` });

describe('requests of the application in a dialog (RFC 3261 §12.2.1)', () => {
  it('go to the Contact of the caller with its addresses and tags swapped', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'BYE');
    const bye = rig.transport.lastRequest();
    expect(bye.uri).toBe('sip:alice@192.0.2.9:5060');
    expect(bye.headers.get('From')).toBe(`<sip:bob@192.0.2.1>;tag=${localTag}`);
    expect(bye.headers.get('To')).toBe('<sip:alice@192.0.2.9>;tag=alice');
    expect(bye.headers.get('Call-ID')).toBe('call-1');
    expect(bye.headers.get('CSeq')).toBe('2 BYE');
  });

  it('count CSeq up whatever the application says, and keep to the tags of the dialog', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    const number = Number.parseInt(call.invite.headers.get('CSeq')!, 10);
    inDialog(rig, call.dialogId, 'INFO', { CSeq: '3 INFO', From: '<sip:x@y>;tag=x', To: '<sip:z@y>', 'Call-ID': 'x' });
    const info = rig.transport.lastRequest();
    expect(info.headers.get('CSeq')).toBe(`${number + 1} INFO`);
    expect(info.headers.get('From')).toBe(call.invite.headers.get('From'));
    expect(info.headers.get('To')).toContain(';tag=bob');
    expect(info.headers.get('Call-ID')).toBe(call.invite.headers.get('Call-ID'));
  });

  it('follow the route set, reversed for the caller, in order for the called (§12.1)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    const answer = response(call.invite, 200);
    for (const route of ['<sip:192.0.2.60;lr>', '<sip:192.0.2.50;lr>']) answer.headers.append('Record-Route', route);
    answer.headers.append('Contact', '<sip:bob@192.0.2.77>');
    rig.receive(answer);
    inDialog(rig, call.dialogId, 'ACK');
    const ack = rig.transport.lastRequest();
    expect(ack.uri).toBe('sip:bob@192.0.2.77');
    expect(ack.headers.getAll('Route')).toEqual(['<sip:192.0.2.50;lr>', '<sip:192.0.2.60;lr>']);
    expect(rig.transport.sent.at(-1)?.target).toMatchObject({ address: '192.0.2.50', port: 5060 });

    const called = new DialogRig();
    const { dialogId } = called.confirmedCall({ 'Record-Route': '<sip:192.0.2.50;lr>' });
    inDialog(called, dialogId, 'BYE');
    expect(called.transport.lastRequest().headers.getAll('Route')).toEqual(['<sip:192.0.2.50;lr>']);
    expect(called.transport.sent.at(-1)?.target).toMatchObject({ address: '192.0.2.50', port: 5060 });
  });

  it('go to a strict router in its own way (§12.2.1.1)', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall({ 'Record-Route': '<sip:192.0.2.50>' });
    inDialog(rig, dialogId, 'BYE');
    const bye = rig.transport.lastRequest();
    expect(bye.uri).toBe('sip:192.0.2.50');
    expect(bye.headers.getAll('Route')).toEqual(['<sip:alice@192.0.2.9:5060>']);
  });

  it('go where the peer is when its Contact cannot be true, unless switched off', () => {
    const headers = { Contact: '<sip:alice@10.1.2.3:5099>' };
    const rig = new DialogRig();
    inDialog(rig, rig.confirmedCall(headers).dialogId, 'BYE');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@10.1.2.3:5099');
    expect(rig.transport.sent.at(-1)?.target).toMatchObject({ address: '192.0.2.9', port: 5060 });

    const strict = new DialogRig({ natAid: false });
    inDialog(strict, strict.confirmedCall(headers).dialogId, 'BYE');
    expect(strict.transport.sent.at(-1)?.target).toMatchObject({ address: '10.1.2.3', port: 5099 });
  });

  it('carry our Contact where they refresh the target, the one of the application if it names one', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'UPDATE');
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    inDialog(rig, dialogId, 'INVITE', { Contact: 'sip:me@localhost' });
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:me@192.0.2.1:5060>');
    inDialog(rig, dialogId, 'INFO');
    expect(rig.transport.lastRequest().headers.has('Contact')).toBe(false);
  });

  it('hand up the final response only: drachtio-srf takes the first for the answer', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    const { transactionId } = inDialog(rig, dialogId, 'INFO');
    const info = rig.transport.lastRequest();
    rig.receive(response(info, 183));
    rig.receive(response(info, 200));
    rig.receive(response(info, 200));
    expect(rig.application.take()).toEqual(['200']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId, dialogId });
  });

  it('are refused when the dialog is unknown', () => {
    const rig = new DialogRig();
    expect(() => inDialog(rig, 'no;from-tag=such', 'INFO')).toThrow('unable to find dialog');
  });
});

describe('target refresh (RFC 3261 §12.2)', () => {
  it('follows the Contact of a re-INVITE and of an UPDATE', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    rig.receive(peerRequest('UPDATE', localTag, 2, { Contact: '<sip:alice@192.0.2.9:5060;line=9>' }));
    rig.respond(200);
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060;line=9');
  });

  it('follows the Contact of the 2xx to ours', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE');
    const answer = response(rig.transport.lastRequest(), 200);
    answer.headers.append('Contact', '<sip:alice@192.0.2.9:5060;moved>');
    rig.receive(answer);
    inDialog(rig, dialogId, 'ACK');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060;moved');
  });

  it('ignores a Contact that is no SIP address', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    rig.receive(peerRequest('UPDATE', localTag, 2, { Contact: '*' }));
    rig.respond(200);
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060');
  });
});

describe('requests of the peer in a dialog (RFC 3261 §12.2.2)', () => {
  for (const method of ['INFO', 'UPDATE', 'REFER', 'NOTIFY', 'MESSAGE', 'OPTIONS']) {
    it(`hands ${method} to the owner with an id of its own`, () => {
      const rig = new DialogRig();
      const { localTag, dialogId } = rig.confirmedCall();
      rig.receive(peerRequest(method, localTag));
      expect(rig.application.take()).toEqual([method]);
      expect(rig.application.ids.at(-1)?.dialogId).toBe(dialogId);
      expect(rig.respond(200).dialogId).toBe(dialogId);
      expect(rig.transport.take()).toEqual(['200']);
    });
  }

  it('finds the dialog from either side, only with both tags', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    rig.receive(call.peerRequest('INFO'));
    expect(rig.application.take()).toEqual(['INFO']);
    const stranger = call.peerRequest('BYE', 2);
    stranger.headers.set('From', '<sip:bob@192.0.2.9>;tag=stranger');
    rig.receive(stranger);
    expect(rig.transport.take()).toEqual(['481']);
  });

  it('answers 500 when CSeq runs backwards, unless switched off', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(peerRequest('INFO', localTag, 9));
    rig.respond(200);
    rig.settle();
    rig.receive(peerRequest('INFO', localTag, 8));
    expect(rig.transport.take()).toEqual(['500']);
    expect(rig.application.take()).toEqual([]);

    const lenient = new DialogRig({ strictOrder: false });
    const call = lenient.confirmedCall();
    for (const cseq of [9, 8]) lenient.receive(peerRequest('INFO', call.localTag, cseq));
    expect(lenient.application.take()).toEqual(['INFO', 'INFO']);
  });

  it('answers 500 by itself when the application does not within 64·T1', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(peerRequest('INFO', localTag));
    rig.clock.advance(32_020);
    expect(rig.transport.take()).toContain('500');
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
  });

  for (const method of ['BYE', 'UPDATE', 'PRACK', 'INVITE']) {
    it(`answers ${method} for no known dialog 481`, () => {
      const rig = new DialogRig();
      rig.receive(peerRequest(method, 'nobody'));
      expect(rig.transport.take()).toContain('481');
      expect(rig.application.take()).toEqual([]);
    });
  }

  it('takes others for no known dialog to whoever wants the method; 503, or 501 for strange ones, when nobody does', () => {
    const rig = new DialogRig();
    rig.receive(peerRequest('NOTIFY', 'nobody'));
    expect(rig.application.take()).toEqual(['NOTIFY']);
    expect(rig.respond(200).bytes.toString()).toContain(';tag=nobody');
    rig.hasApplication = false;
    rig.settle();
    rig.receive(peerRequest('REFER', 'nobody'));
    rig.receive(peerRequest('JUGGLE', 'nobody'));
    expect(rig.transport.take()).toEqual(['503', '501']);
  });

  it('drops an ACK for no known dialog', () => {
    const rig = new DialogRig();
    rig.receive(peerRequest('ACK', 'nobody'));
    expect(rig.transport.take()).toEqual([]);
    expect(rig.application.take()).toEqual([]);
  });
});

describe('BYE (RFC 3261 §15)', () => {
  it('from the peer ends the dialog at once; the application still answers it', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    rig.receive(peerRequest('BYE', localTag));
    expect(rig.agent.dialogs.size).toBe(0);
    expect(() => inDialog(rig, dialogId, 'BYE')).toThrow('unable to find dialog');
    expect(rig.respond(200).dialogId).toBe('');
    expect(rig.transport.take()).toEqual(['200']);
  });

  it('from the peer is answered 200 after T1 when the application does not', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(peerRequest('BYE', localTag));
    expect(rig.watch(600)).toEqual(['200@500']);
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
  });

  it('of ours keeps the dialog until its answer, whatever that is', () => {
    for (const status of [200, 481, 500]) {
      const rig = new DialogRig();
      const { dialogId } = rig.confirmedCall();
      inDialog(rig, dialogId, 'BYE');
      expect(rig.agent.dialogs.size).toBe(1);
      rig.receive(response(rig.transport.lastRequest(), status));
      expect(rig.agent.dialogs.size).toBe(0);
      expect(rig.application.take()).toEqual([`${status}`]);
    }
  });

  it('of ours that nobody answers gets a 408 made up here, and the dialog is gone', () => {
    const rig = new DialogRig();
    inDialog(rig, rig.confirmedCall().dialogId, 'BYE');
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['408']);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('of ours that is challenged may be sent again in the same dialog', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'BYE');
    rig.receive(response(rig.transport.lastRequest(), 407));
    inDialog(rig, dialogId, 'BYE', { 'Proxy-Authorization': 'Digest x' });
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe('3 BYE');
  });

  it('from the peer answers its own open re-INVITE 487', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(peerRequest('INVITE', localTag, 2));
    rig.settle();
    rig.receive(peerRequest('BYE', localTag, 3));
    expect(rig.transport.take()).toEqual(['487']);
    expect(rig.application.take()).toEqual(['BYE']);
  });

  it('from the peer gives our open re-INVITE a 487, and a late 200 to it an ACK', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE');
    const invite = rig.transport.lastRequest();
    rig.receive(peerRequest('BYE', localTag));
    expect(rig.application.take()).toEqual(['487', 'BYE']);
    rig.settle();
    rig.receive(response(invite, 200));
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual([]);
  });

  it('of ours cancels our open re-INVITE first', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE');
    rig.receive(response(rig.transport.lastRequest(), 100));
    rig.settle();
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.take()).toEqual(['CANCEL', 'BYE']);
  });

  it('from the called peer before we acknowledged its 200 is preceded by our ACK', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    rig.settle();
    rig.receive(call.peerRequest('BYE'));
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual(['BYE']);
  });
});

describe('re-INVITE (RFC 3261 §14)', () => {
  it('of the peer gets 100 at once and goes to the owner; its ACK has an id of its own', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    const firstId = rig.application.ids[0]!.transactionId;
    rig.receive(peerRequest('INVITE', localTag));
    expect(rig.transport.take()).toEqual(['100']);
    const reinviteId = rig.application.ids.at(-1)!.transactionId;
    expect(rig.respond(200).dialogId).toBe(dialogId);
    expect(rig.watch(1600)).toEqual(['200@500', '200@1500']);
    rig.receive(request('ACK', { toTag: localTag, cseq: 2, branch: 'z9hG4bKack2' }));
    expect(rig.application.take()).toEqual(['INVITE', 'ACK']);
    const ackId = rig.application.ids.at(-1)!;
    expect(ackId.dialogId).toBe(dialogId);
    expect([firstId, reinviteId]).not.toContain(ackId.transactionId);
    expect(rig.watch(8000)).toEqual([]);
  });

  it('of ours passes 1xx and the final up, takes an ACK, and repeats it', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    inDialog(rig, call.dialogId, 'INVITE');
    const invite = rig.transport.lastRequest();
    rig.receive(response(invite, 183));
    rig.receive(response(invite, 200));
    expect(rig.application.take()).toEqual(['183', '200']);
    inDialog(rig, call.dialogId, 'INFO');
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(invite.headers.get('CSeq')!.replace('INVITE', 'ACK'));
    rig.settle();
    rig.receive(response(invite, 200));
    expect(rig.transport.take()).toEqual(['ACK']);
  });

  it('of ours that is refused leaves the dialog as it was', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE');
    rig.receive(response(rig.transport.lastRequest(), 488));
    expect(rig.application.take()).toEqual(['488']);
    expect(rig.agent.dialogs.size).toBe(1);
    inDialog(rig, dialogId, 'INVITE');
    expect(rig.transport.lastRequest().method).toBe('INVITE');
  });

  it('of the peer while ours is open gets 491 (§14.2)', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE');
    rig.settle();
    rig.receive(peerRequest('INVITE', localTag));
    expect(rig.transport.take()).toEqual(['100', '491']);
  });

  it('of the peer while its last one is open gets 500 with Retry-After (§14.2)', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(peerRequest('INVITE', localTag, 2));
    rig.settle();
    rig.receive(peerRequest('INVITE', localTag, 3));
    expect(Number(rig.transport.lastResponse().headers.get('Retry-After'))).toBeLessThanOrEqual(10);
    expect(rig.transport.take()).toEqual(['100', '500']);
  });

  it('of the peer can be cancelled without harm to the call', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    rig.receive(peerRequest('INVITE', localTag));
    rig.settle();
    rig.receive(request('CANCEL', { toTag: localTag, cseq: 2, branch: 'z9hG4bKINVITE2' }));
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(dialogId);
    expect(rig.agent.dialogs.size).toBe(1);
  });
});
