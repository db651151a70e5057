import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { cseqOf } from '../../../sip/engine/message/cseq.ts';
import { DialogRig, draft, responseDraft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const inDialog = (rig: DialogRig, dialogId: string, method: string, headers = {}, body = '') =>
  rig.agent.requestInDialog(dialogId, draft(method, 'sip:placeholder', headers, body)) as Sent;

describe('merged requests (RFC 3261 §8.2.2.2)', () => {
  it.each(['OPTIONS', 'MESSAGE', 'REGISTER'])('%s by a second path gets 482 while the first is open', (method) => {
    const rig = new DialogRig();
    rig.receive(request(method, { branch: 'z9hG4bKone' }));
    rig.receive(request(method, { branch: 'z9hG4bKtwo' }));
    expect(rig.application.take()).toEqual([method]);
    expect(rig.transport.take()).toEqual(['482']);
    rig.respond(200);
    rig.receive(request(method, { branch: 'z9hG4bKthree' }));
    expect(rig.application.take()).toEqual([method]);
  });

  it('are not those that differ in Call-ID, From tag, CSeq or method, nor those inside a dialog', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(request('OPTIONS', { branch: 'z9hG4bK1' }));
    rig.receive(request('OPTIONS', { branch: 'z9hG4bK2', headers: { 'Call-ID': 'other' } }));
    rig.receive(request('OPTIONS', { branch: 'z9hG4bK3', headers: { From: '<sip:alice@x>;tag=other' } }));
    rig.receive(request('OPTIONS', { branch: 'z9hG4bK4', cseq: 2 }));
    rig.receive(request('MESSAGE', { branch: 'z9hG4bK5' }));
    for (const branch of ['z9hG4bK6', 'z9hG4bK7'])
      rig.receive(request('OPTIONS', { branch, cseq: 5, toTag: localTag }));
    expect(rig.application.take()).toHaveLength(7);
    expect(rig.transport.take()).toEqual([]);
  });

  it('INVITE: 482 for the same one, 491 for another under the same name, until the call is over', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { branch: 'z9hG4bKone' }));
    rig.transport.take();
    rig.receive(request('INVITE', { branch: 'z9hG4bKtwo' }));
    expect(rig.transport.take()).toEqual(['100', '482']);
    rig.receive(request('INVITE', { branch: 'z9hG4bKthree', cseq: 2 }));
    expect(rig.transport.take()).toEqual(['100', '491']);
    rig.respond(200);
    rig.settle();
    rig.receive(request('INVITE', { branch: 'z9hG4bKfour' }));
    expect(rig.transport.take()).toEqual(['100', '491']);
    expect(rig.application.take()).toEqual([]);
  });

  it('INVITE: one refused before may be tried again with the next CSeq', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { branch: 'z9hG4bKone' }));
    rig.respond(486);
    rig.settle();
    rig.receive(request('INVITE', { branch: 'z9hG4bKtwo', cseq: 2 }));
    expect(rig.application.take()).toEqual(['INVITE']);
  });

  it('one of our own that comes back gets 482', () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.settle();
    const headers = Object.fromEntries(call.invite.headers);
    rig.receive(
      request('INVITE', {
        branch: 'z9hG4bKloop',
        headers: { ...headers, Via: 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKloop' },
      }),
    );
    expect(rig.transport.take()).toEqual(['100', '482']);
  });
});

describe('CSeq of what acknowledges and of what is tried again', () => {
  it('ACK of a re-INVITE has its number, whatever was sent in between (RFC 3261 §13.2.2.4)', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE', {}, 'v=0\r\n');
    const reinvite = rig.transport.lastRequest();
    inDialog(rig, dialogId, 'INFO');
    rig.receive(response(reinvite, 200, 'alice'));
    inDialog(rig, dialogId, 'INFO');
    inDialog(rig, dialogId, 'ACK');
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe(`${cseqOf(reinvite).number} ACK`);
  });

  it('PRACK and UPDATE count on from the INVITE, the ACK of which does not', () => {
    const rig = new DialogRig();
    const call = rig.call();
    const first = cseqOf(call.invite).number;
    call.answer(183, { Require: '100rel', RSeq: '1' });
    inDialog(rig, call.dialogId, 'PRACK', { RAck: `1 ${first} INVITE` });
    expect(cseqOf(rig.transport.lastRequest()).number).toBe(first + 1);
    inDialog(rig, call.dialogId, 'UPDATE');
    expect(cseqOf(rig.transport.lastRequest()).number).toBe(first + 2);
    call.answer(200);
    inDialog(rig, call.dialogId, 'ACK');
    expect(cseqOf(rig.transport.lastRequest()).number).toBe(first);
    inDialog(rig, call.dialogId, 'BYE');
    expect(cseqOf(rig.transport.lastRequest()).number).toBe(first + 3);
  });

  it.each([401, 407])('BYE refused %i leaves the dialog for another one with the next number (§22.2)', (status) => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'BYE');
    const bye = rig.transport.lastRequest();
    rig.receive(response(bye, status, 'alice'));
    const headers = { 'Proxy-Authorization': 'Digest x', CSeq: '99 BYE', 'Call-ID': 'x', From: '<sip:x@y>;tag=z' };
    inDialog(rig, dialogId, 'BYE', headers);
    const again = rig.transport.lastRequest();
    expect(cseqOf(again).number).toBe(cseqOf(bye).number + 1);
    expect(again.headers.get('Proxy-Authorization')).toBe('Digest x');
    expect(again.headers.get('Call-ID')).toBe('call-1');
    rig.receive(response(again, 481, 'alice'));
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('a re-INVITE refused 407 may be sent again and is then acknowledged with its credentials', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    inDialog(rig, dialogId, 'INVITE', {}, 'v=0\r\n');
    rig.receive(response(rig.transport.lastRequest(), 407, 'alice'));
    inDialog(rig, dialogId, 'INVITE', { 'Proxy-Authorization': 'Digest x' }, 'v=0\r\n');
    const again = rig.transport.lastRequest();
    rig.receive(response(again, 200, 'alice'));
    inDialog(rig, dialogId, 'ACK');
    const ack = rig.transport.lastRequest();
    expect(ack.headers.get('Proxy-Authorization')).toBe('Digest x');
    expect(cseqOf(ack).number).toBe(cseqOf(again).number);
    expect(ack.headers.has('Contact')).toBe(false);
  });

  it('a stale number of the peer gets 500 in an early dialog too (§12.2.2)', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { cseq: 10 }));
    rig.respond(180);
    const toTag = rig.localTag();
    rig.settle();
    rig.receive(request('INFO', { toTag, cseq: 9, branch: 'z9hG4bKold' }));
    expect(rig.transport.take()).toEqual(['500']);
    rig.receive(request('INFO', { toTag, cseq: 11, branch: 'z9hG4bKnew' }));
    expect(rig.application.take()).toEqual(['INFO']);
  });
});

describe('a Record-Route nobody can read', () => {
  it.each([
    ['<sip:broken', 'sip:alice@192.0.2.9:5060'],
    ['nonsense', 'sip:alice@192.0.2.9:5060'],
  ])('%s is left out of the route set: the call can still be hung up', (hop, uri) => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall({ 'Record-Route': hop });
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.lastRequest().uri).toBe(uri);
    expect(rig.transport.lastRequest().headers.has('Route')).toBe(false);
  });
});

describe('a request that had to wait', () => {
  it('fails to its application alone when it cannot be sent any more', async () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall();
    const bye = rig.agent.requestInDialog(dialogId, draft('BYE')) as Promise<Sent>;
    const refused = expect(bye).rejects.toThrow('no network');
    const { send } = rig.transport;
    rig.transport.send = (bytes, target, onError) => {
      if (bytes.toString().startsWith('BYE')) throw new Error('no network');
      send.call(rig.transport, bytes, target, onError);
    };
    expect(() => rig.clock.advance(32_000)).not.toThrow();
    await refused;
  });
});

describe('overlapping INVITEs (RFC 3261 §14.2)', () => {
  it('get 491 while ours is open, 500 with Retry-After while theirs is, and come in after either', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    const reinvite = (cseq: number) =>
      rig.receive(request('INVITE', { toTag: localTag, cseq, branch: `z9hG4bKre${cseq}` }));
    inDialog(rig, dialogId, 'INVITE');
    const own = rig.transport.lastRequest();
    rig.settle();
    reinvite(2);
    expect(rig.transport.take()).toEqual(['100', '491']);
    rig.receive(response(own, 488, 'alice'));
    rig.settle();
    reinvite(3);
    const { transactionId } = rig.application.ids.at(-1)!;
    reinvite(4);
    expect(rig.transport.lastResponse().status).toBe(500);
    expect(rig.transport.lastResponse().headers.has('Retry-After')).toBe(true);
    rig.agent.respond(transactionId, responseDraft(488));
    rig.settle();
    reinvite(5);
    expect(rig.application.take()).toEqual(['INVITE']);
  });

  it('1xx to our re-INVITE go up and its final response too', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    const { transactionId } = inDialog(rig, dialogId, 'INVITE');
    const reinvite = rig.transport.lastRequest();
    rig.application.take();
    for (const status of [100, 180, 200]) rig.receive(response(reinvite, status, 'alice'));
    expect(rig.application.take()).toEqual(['180', '200']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId, dialogId });
  });
});
