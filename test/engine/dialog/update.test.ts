import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft, responseDraft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const SDP = 'v=0\r\n';

const inDialog = (rig: DialogRig, dialogId: string, method: string, headers = {}, body = '') =>
  rig.agent.requestInDialog(dialogId, draft(method, 'sip:placeholder', headers, body)) as Sent;

/** An INVITE of the peer to which the application has sent a 183. */
function earlyCall(parts: { offer?: string; answer?: string; contact?: string } = {}) {
  const rig = new DialogRig();
  rig.receive(request('INVITE', { body: parts.offer ?? SDP }));
  const inviteId = rig.application.ids.at(-1)!.transactionId;
  const { dialogId } = rig.respond(183, {}, parts.answer ?? SDP);
  const localTag = rig.localTag();
  rig.settle();
  const peer = (method: string, cseq = 2, body = '', headers = {}) =>
    rig.receive(request(method, { toTag: localTag, cseq, body, headers, branch: `z9hG4bK${method}${cseq}` }));
  const answerInvite = (status: number, body = '') => rig.agent.respond(inviteId, responseDraft(status, {}, body));
  return { rig, dialogId, inviteId, localTag, peer, answerInvite };
}

describe('UPDATE of the peer (RFC 3311 §5.2)', () => {
  it('goes to the application before the call is answered, under an id of its own and with the dialog', () => {
    const { rig, dialogId, inviteId, peer } = earlyCall();
    peer('UPDATE', 2, SDP);
    expect(rig.application.take()).toEqual(['UPDATE']);
    const ids = rig.application.ids.at(-1)!;
    expect(ids.dialogId).toBe(dialogId);
    expect(ids.transactionId).not.toBe(inviteId);
    expect(rig.respond(200, {}, SDP).dialogId).toBe(dialogId);
    expect(rig.transport.take()).toEqual(['200']);
  });

  it('goes to the application from the called side too', () => {
    const rig = new DialogRig();
    const call = rig.call({ body: SDP });
    call.answer(180);
    call.answer(183, {}, 'bob');
    rig.settle();
    rig.receive(call.peerRequest('UPDATE'));
    expect(rig.application.take()).toEqual(['UPDATE']);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(call.dialogId);
  });

  it('from another fork is answered in that fork and moves its target only', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, {}, 'bob');
    call.answer(180, { Contact: '<sip:two@192.0.2.9:5060>' }, 'two');
    rig.settle();
    const update = call.peerRequest('UPDATE');
    update.headers.set('From', '<sip:bob@192.0.2.9>;tag=two');
    update.headers.set('Contact', '<sip:two@192.0.2.9:5099>');
    rig.receive(update);
    expect(rig.application.take()).toEqual(['UPDATE']);
    rig.respond(200);
    call.answer(200, {}, 'bob');
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060');
    rig.transport.take();
    update.headers.set('CSeq', '2 UPDATE');
    update.headers.set('Via', 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKlate');
    rig.receive(update);
    expect(rig.transport.take()).toEqual(['481']);
  });

  it('gets 500 and Retry-After while another one is open', () => {
    const { rig, peer } = earlyCall();
    peer('UPDATE', 2);
    peer('UPDATE', 3);
    expect(rig.application.take()).toEqual(['UPDATE']);
    const { status, headers } = rig.transport.lastResponse();
    expect(status).toBe(500);
    expect(Number(headers.get('Retry-After'))).toBeLessThanOrEqual(10);
    rig.respond(200);
    peer('UPDATE', 4);
    expect(rig.application.take()).toEqual(['UPDATE']);
  });

  it('gets 500 and Retry-After with an offer while the offer of the INVITE is unanswered', () => {
    const { rig, peer } = earlyCall({ answer: '' });
    peer('UPDATE', 2, SDP);
    expect(rig.transport.lastResponse().status).toBe(500);
    expect(rig.transport.lastResponse().headers.has('Retry-After')).toBe(true);
    peer('UPDATE', 3);
    expect(rig.application.take()).toEqual(['UPDATE']);
  });

  it('gets 491 with an offer while an offer of ours is unanswered', () => {
    const rig = new DialogRig();
    const call = rig.call({ body: SDP });
    call.answer(180);
    rig.settle();
    const update = call.peerRequest('UPDATE');
    update.body = Buffer.from(SDP);
    rig.receive(update);
    expect(rig.transport.take()).toEqual(['491']);
    expect(rig.application.take()).toEqual([]);
  });

  it('gets 491 with an offer while our UPDATE or the offer in our 2xx is unanswered', () => {
    const updating = earlyCall();
    inDialog(updating.rig, updating.dialogId, 'UPDATE', {}, SDP);
    const own = updating.rig.transport.lastRequest();
    updating.rig.settle();
    updating.peer('UPDATE', 2, SDP);
    expect(updating.rig.transport.take()).toEqual(['491']);
    updating.rig.receive(response(own, 200, 'alice'));
    updating.rig.settle();
    updating.peer('UPDATE', 3, SDP);
    expect(updating.rig.application.take()).toEqual(['UPDATE']);

    const delayed = earlyCall({ offer: '', answer: '' });
    delayed.answerInvite(200, SDP);
    delayed.rig.settle();
    delayed.peer('UPDATE', 2, SDP);
    expect(delayed.rig.transport.take()).toEqual(['491']);
  });

  it('gets 500 with an offer before the ACK that answers the offer of the peer, not before any other', () => {
    for (const [body, expected] of [
      ['', '500'],
      [SDP, undefined],
    ] as const) {
      const rig = new DialogRig();
      const call = rig.call({ body });
      call.answer(200);
      rig.settle();
      const update = call.peerRequest('UPDATE');
      update.body = Buffer.from(SDP);
      rig.receive(update);
      expect(rig.transport.take()[0]).toBe(expected);
    }
  });

  it('is let through in any case when strict order is switched off', () => {
    const rig = new DialogRig({ strictOrder: false });
    const { localTag } = rig.confirmedCall();
    for (const cseq of [2, 3]) {
      rig.receive(request('UPDATE', { toTag: localTag, cseq, body: SDP, branch: `z9hG4bKu${cseq}` }));
    }
    expect(rig.application.take()).toEqual(['UPDATE', 'UPDATE']);
  });

  it('with an offer keeps a re-INVITE out, in both directions (RFC 3261 §14.2)', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    const reinvite = (cseq: number) =>
      rig.receive(request('INVITE', { toTag: localTag, cseq, branch: `z9hG4bKre${cseq}` }));
    rig.receive(request('UPDATE', { toTag: localTag, cseq: 2, body: SDP, branch: 'z9hG4bKu' }));
    rig.transport.take();
    reinvite(3);
    expect(rig.transport.take()).toEqual(['100', '500']);
    rig.respond(200);
    inDialog(rig, dialogId, 'UPDATE', {}, SDP);
    rig.transport.take();
    reinvite(4);
    expect(rig.transport.take()).toEqual(['100', '491']);
  });
});

describe('requests of the application in an early dialog', () => {
  for (const method of ['UPDATE', 'INFO', 'OPTIONS']) {
    it(`${method} goes to the caller while it rings`, () => {
      const { rig, dialogId, localTag } = earlyCall();
      const { transactionId } = inDialog(rig, dialogId, method);
      const sent = rig.transport.lastRequest();
      expect(sent.method).toBe(method);
      expect(sent.headers.get('From')).toContain(`;tag=${localTag}`);
      rig.receive(response(sent, 200, 'alice'));
      expect(rig.application.ids.at(-1)).toEqual({ transactionId, dialogId });
    });

    it(`${method} goes to the fork of the called side heard of last`, () => {
      const rig = new DialogRig();
      const call = rig.call();
      call.answer(180, {}, 'one');
      call.answer(180, { Contact: '<sip:two@192.0.2.9:5060>' }, 'two');
      inDialog(rig, call.dialogId, method);
      expect(rig.transport.lastRequest().uri).toBe('sip:two@192.0.2.9:5060');
      expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=two');
    });
  }

  it('are refused before the called side has said anything', () => {
    const rig = new DialogRig();
    const call = rig.call();
    expect(() => inDialog(rig, call.dialogId, 'UPDATE')).toThrow('unable to find dialog');
    call.answer(100);
    expect(() => inDialog(rig, call.dialogId, 'UPDATE')).toThrow('unable to find dialog');
  });

  it('are no BYE from the called side, which may only refuse the INVITE (RFC 3261 §15)', () => {
    const { rig, dialogId } = earlyCall();
    expect(() => inDialog(rig, dialogId, 'BYE')).toThrow('rings');
  });

  it('UPDATE and its 2xx move the target (RFC 3311 §5.1)', () => {
    const { rig, dialogId, peer } = earlyCall();
    inDialog(rig, dialogId, 'UPDATE');
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    const answer = response(rig.transport.lastRequest(), 200, 'alice');
    answer.headers.append('Contact', '<sip:alice@192.0.2.9:5060;moved>');
    rig.receive(answer);
    inDialog(rig, dialogId, 'INFO');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060;moved');
    peer('UPDATE', 2, '', { Contact: '<sip:alice@192.0.2.9:5060;again>' });
    rig.respond(200);
    expect(rig.transport.lastResponse().headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    inDialog(rig, dialogId, 'INFO');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060;again');
  });

  it('offer the Contact the application named last, in responses too', () => {
    const { rig, dialogId, peer } = earlyCall();
    inDialog(rig, dialogId, 'UPDATE', { Contact: '<sip:me@localhost>' });
    rig.receive(response(rig.transport.lastRequest(), 200, 'alice'));
    inDialog(rig, dialogId, 'UPDATE');
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:me@192.0.2.1:5060>');
    peer('UPDATE');
    rig.respond(200);
    expect(rig.transport.lastResponse().headers.get('Contact')).toBe('<sip:me@192.0.2.1:5060>');
  });

  it('of the peer other than PRACK, UPDATE and BYE go to the owner of the dialog', () => {
    const { rig, dialogId, peer } = earlyCall();
    for (const [at, method] of ['INFO', 'OPTIONS', 'MESSAGE', 'NOTIFY', 'REFER'].entries()) {
      peer(method, at + 2);
      expect(rig.application.take()).toEqual([method]);
      expect(rig.application.ids.at(-1)?.dialogId).toBe(dialogId);
      rig.respond(200);
    }
  });
});
