import { describe, expect, it } from 'vitest';
import type { SipResponse } from '../../../sip/engine/message/message.ts';
import { DialogRig, draft, type OutgoingCall } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const required = { Require: '100rel' };
const sdp = 'v=0\r\n';

/** An INVITE of a peer that knows 100rel, or demands it. */
function ringing(headers: Record<string, string> = { Supported: 'timer, 100rel' }): DialogRig {
  const rig = new DialogRig();
  rig.receive(request('INVITE', { headers }));
  rig.settle();
  return rig;
}

const inviteId = (rig: DialogRig): string => rig.application.ids[0]!.transactionId;

function answer(rig: DialogRig, status: number, headers: Record<string, string> = {}, body = ''): string {
  const draftOf = (): SipResponse => ({
    ...draft('X', '', headers, body),
    kind: 'response',
    status,
    reason: 'Because',
  });
  return rig.agent.respond(inviteId(rig), draftOf()).bytes.toString();
}

const rseqIn = (text: string): number => Number(/\r\nRSeq: (\d+)\r\n/.exec(text)?.[1]);

function prack(rig: DialogRig, rseq: number, parts: { cseq?: number; rack?: string; tag?: string } = {}): void {
  const cseq = parts.cseq ?? 2;
  const headers = { RAck: parts.rack ?? `${rseq} 1 INVITE` };
  rig.receive(request('PRACK', { toTag: parts.tag ?? rig.localTag(), cseq, branch: `z9hG4bKprack${cseq}`, headers }));
}

describe('reliable provisional responses to the peer (RFC 3262 §3)', () => {
  it('carry RSeq, Require, Contact and our tag, and are resent at T1, 2·T1 … until the PRACK', () => {
    const rig = ringing();
    const text = answer(rig, 183, required, sdp);
    expect(rseqIn(text)).toBeGreaterThan(0);
    expect(text).toMatch(/\r\nRequire: 100rel\r\n/);
    expect(text).toMatch(/\r\nContact: <sip:192\.0\.2\.1:5060>\r\n/);
    const tag = rig.localTag();
    expect(rig.watch(3_600)).toEqual(['183@500', '183@1500', '183@3500']);
    prack(rig, rseqIn(text), { tag });
    expect(rig.application.take()).toEqual(['PRACK']);
    expect(rig.application.ids.at(-1)).toMatchObject({ dialogId: 'call-1;from-tag=alice' });
    expect(rig.watch(60_000)).not.toContain('183');
  });

  it('are resent over TCP too: the loss may be behind a proxy', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { protocol: 'tcp', headers: { Supported: '100rel' } }), 'tcp');
    answer(rig, 180, required);
    expect(rig.watch(1_600)).toEqual(['180@500', '180@1500']);
  });

  it('go one at a time, numbered in order, each echoed to the application at once', () => {
    const rig = ringing();
    const first = rseqIn(answer(rig, 183, required));
    const tag = rig.localTag();
    const second = rseqIn(answer(rig, 180, required));
    expect(second).toBe(first + 1);
    expect(rig.transport.take()).toEqual(['183']);
    prack(rig, first, { tag });
    expect(rig.transport.take()).toEqual(['180']);
    prack(rig, second, { tag, cseq: 3 });
    expect(rig.watch(3_900)).toEqual([]);
  });

  it('are all reliable when the peer requires it', () => {
    const rig = ringing({ Require: '100rel' });
    expect(rseqIn(answer(rig, 180))).toBeGreaterThan(0);
  });

  it('go the plain way to a peer that does not know how', () => {
    const rig = ringing({});
    const text = answer(rig, 180, { Require: '100rel' });
    expect(text).not.toMatch(/RSeq|Require/);
    expect(rig.watch(10_000)).toEqual([]);
  });

  it('hold the 2xx back while an offer or answer is on its way, and let go of it with the PRACK', () => {
    const rig = ringing();
    const rseq = rseqIn(answer(rig, 183, required, sdp));
    const tag = rig.localTag();
    rig.settle();
    expect(answer(rig, 200, {}, sdp)).toMatch(/^SIP\/2\.0 200/);
    expect(rig.transport.take()).toEqual([]);
    prack(rig, rseq, { tag });
    expect(rig.transport.take()).toEqual(['200']);
    expect(rig.watch(600)).toEqual(['200@500']);
  });

  it('do not hold back a 2xx without a session description in them, nor a refusal', () => {
    const answered = ringing();
    const rseq = rseqIn(answer(answered, 180, required));
    const tag = answered.localTag();
    answered.settle();
    answer(answered, 200);
    expect(answered.transport.take()).toEqual(['200']);
    prack(answered, rseq, { tag });
    expect(answered.application.take()).toEqual(['PRACK']);
    const refused = ringing();
    answer(refused, 183, required, sdp);
    refused.settle();
    answer(refused, 486);
    expect(refused.transport.take()).toEqual(['486']);
    expect(refused.watch(400)).toEqual([]);
  });

  it('that nobody acknowledges end the INVITE 504 after 64·T1; to the application it is a CANCEL', () => {
    const rig = ringing();
    answer(rig, 183, required);
    expect(rig.watch(32_100).at(-1)).toBe('504@32000');
    expect(rig.application.take()).toEqual(['CANCEL']);
    expect(() => answer(rig, 200)).toThrow(/unable to find transaction/);
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });

  it('that nobody acknowledges end an answered INVITE too: the application is told that the peer hung up', () => {
    const rig = ringing();
    answer(rig, 183, required, sdp);
    answer(rig, 200);
    expect(rig.watch(32_100).at(-1)).toBe('504@32000');
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.application.lastOwn?.bytes.toString()).toMatch(/text="PRACK timeout"/);
  });

  it('CANCEL while the 2xx is held back ends the INVITE 487', () => {
    const rig = ringing();
    answer(rig, 183, required, sdp);
    answer(rig, 200);
    rig.settle();
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(rig.application.take()).toEqual(['own BYE']);
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });

  it.each([
    ['another RSeq', (rseq: number) => `${rseq + 1} 1 INVITE`],
    ['another CSeq', (rseq: number) => `${rseq} 7 INVITE`],
    ['another method', (rseq: number) => `${rseq} 1 UPDATE`],
    ['nonsense', () => 'one two'],
  ])('answer a PRACK for %s 481', (_, rack) => {
    const rig = ringing();
    const rseq = rseqIn(answer(rig, 183, required));
    rig.settle();
    const tag = /tag=(.*)$/.exec(rig.agent.dialogs.get('call-1;from-tag=alice')!.localAddress)![1]!;
    prack(rig, rseq, { rack: rack(rseq), tag });
    expect(rig.transport.take()).toEqual(['481']);
    expect(rig.application.take()).toEqual([]);
  });

  it('have their PRACK answered 200 by the engine when the application does not', () => {
    const rig = ringing();
    const rseq = rseqIn(answer(rig, 183, required));
    prack(rig, rseq);
    expect(rig.watch(32_100)).toEqual(['200@4000']);
  });
});

describe('reliable provisional responses of the peer (RFC 3262 §4)', () => {
  const reliable = (rseq: number) => ({ Require: '100rel', RSeq: `${rseq}` });

  const sendPrack = (rig: DialogRig, call: OutgoingCall, rseq: number): void => {
    const headers = { RAck: `${rseq} ${call.invite.headers.get('CSeq')}` };
    void rig.agent.requestInDialog(call.dialogId, draft('PRACK', 'sip:placeholder', headers));
  };

  it('go up once and in order; repeated ones and those before their turn are dropped', () => {
    const rig = new DialogRig();
    const call = rig.call();
    for (const rseq of [5, 5, 7, 6, 6, 7]) call.answer(183, reliable(rseq));
    expect(rig.application.take()).toEqual(['183', '183', '183']);
  });

  it('establish the dialog for the PRACK: Contact, route set, tag, next CSeq', () => {
    const rig = new DialogRig();
    const call = rig.call();
    const cseq = Number(/\d+/.exec(call.invite.headers.get('CSeq') ?? '')?.[0]);
    call.answer(183, { ...reliable(5), 'Record-Route': '<sip:192.0.2.77;lr>', Contact: '<sip:bob@192.0.2.50:5070>' });
    sendPrack(rig, call, 5);
    const sent = rig.transport.lastRequest();
    expect(sent.uri).toBe('sip:bob@192.0.2.50:5070');
    expect(sent.headers.get('Route')).toBe('<sip:192.0.2.77;lr>');
    expect(sent.headers.get('To')).toMatch(/;tag=bob$/);
    expect(sent.headers.get('CSeq')).toBe(`${cseq + 1} PRACK`);
    expect(sent.headers.get('RAck')).toBe(`5 ${cseq} INVITE`);
  });

  it('without a Contact have their PRACK sent to the original Request-URI', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, { ...reliable(1), Contact: '*' });
    sendPrack(rig, call, 1);
    expect(rig.transport.lastRequest().uri).toBe(call.invite.uri);
  });

  it('of two branches with the same numbers are each acknowledged where they came from', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(183, { ...reliable(1), Contact: '<sip:bob@192.0.2.51>' }, 'one');
    call.answer(183, { ...reliable(1), Contact: '<sip:bob@192.0.2.52>' }, 'two');
    sendPrack(rig, call, 1);
    const first = rig.transport.lastRequest();
    sendPrack(rig, call, 1);
    const second = rig.transport.lastRequest();
    expect([first.uri, second.uri]).toEqual(['sip:bob@192.0.2.51', 'sip:bob@192.0.2.52']);
    expect(first.headers.get('To')).toMatch(/;tag=one$/);
    expect(second.headers.get('To')).toMatch(/;tag=two$/);
  });

  it.each([[['PRACK', 'INVITE']], [['INVITE', 'PRACK']]])('may be followed by the 200s in the order %s', (order) => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(183, reliable(1));
    sendPrack(rig, call, 1);
    const sentPrack = rig.transport.lastRequest();
    rig.settle();
    for (const method of order) {
      if (method === 'INVITE') call.answer(200);
      else rig.receive(rig.reply(sentPrack, 200));
    }
    expect(rig.application.take()).toEqual(['200', '200']);
    void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
    expect(rig.transport.take()).toEqual(['ACK']);
  });
});

describe('UPDATE (RFC 3311)', () => {
  it('of the caller in the early dialog goes up; a second one while it is open gets 500 with Retry-After (§5.2)', () => {
    const rig = ringing();
    answer(rig, 180);
    const toTag = rig.localTag();
    rig.settle();
    rig.receive(request('UPDATE', { toTag, cseq: 2, branch: 'z9hG4bKu1' }));
    expect(rig.application.take()).toEqual(['UPDATE']);
    rig.receive(request('UPDATE', { toTag, cseq: 3, branch: 'z9hG4bKu2' }));
    expect(rig.transport.lastResponse().headers.get('Retry-After')).toMatch(/^\d+$/);
    expect(rig.transport.take()).toEqual(['500']);
    rig.respond(200);
    rig.receive(request('UPDATE', { toTag, cseq: 4, branch: 'z9hG4bKu3' }));
    expect(rig.application.take()).toEqual(['UPDATE']);
  });

  it('of the called peer in the early dialog goes up with the dialog id', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    rig.settle();
    rig.receive(call.peerRequest('UPDATE'));
    expect(rig.application.take()).toEqual(['UPDATE']);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(call.dialogId);
  });

  it('of ours goes out in the early dialog of either side, with a Contact', () => {
    const rig = ringing();
    answer(rig, 180);
    void rig.agent.requestInDialog('call-1;from-tag=alice', draft('UPDATE'));
    expect(rig.transport.lastRequest()).toMatchObject({ method: 'UPDATE', uri: 'sip:alice@192.0.2.9:5060' });
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
  });

  it('with an offer into an open offer of ours gets 491 (§5.2)', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    void rig.agent.requestInDialog(call.dialogId, draft('UPDATE', 'sip:placeholder', {}, sdp));
    const own = rig.transport.lastRequest();
    rig.settle();
    const offer = (cseq: number) => ({ ...call.peerRequest('UPDATE', cseq), body: Buffer.from(sdp) });
    rig.receive(offer(1));
    expect(rig.transport.take()).toEqual(['491']);
    rig.receive(rig.reply(own, 200));
    rig.settle();
    rig.receive(offer(2));
    expect(rig.application.take()).toEqual(['UPDATE']);
  });
});
