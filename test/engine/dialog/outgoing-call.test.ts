import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';

const acknowledge = (rig: DialogRig, dialogId: string, body = '') =>
  rig.agent.requestInDialog(dialogId, draft('ACK', 'sip:placeholder', {}, body)) as Sent;

describe('an INVITE of the application (RFC 3261 §13.2)', () => {
  it('hands up provisional responses except 100, each with the dialog id', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(100);
    call.answer(180);
    call.answer(183);
    expect(rig.application.take()).toEqual(['180', '183']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId: call.transactionId, dialogId: call.dialogId });
    expect(call.dialogId).toBe(`${call.invite.headers.get('Call-ID')};from-tag=${call.localTag}`);
  });

  it('is acknowledged only when the application says so, then again for each repeated 200 (§13.2.2.4)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.settle();
    call.answer(200);
    call.answer(200);
    expect(rig.transport.take()).toEqual([]);
    const { bytes } = acknowledge(rig, call.dialogId);
    call.answer(200);
    expect(rig.transport.sent.map(({ message }) => message.headers.get('Via'))).toEqual([
      /Via: (.*)\r\n/.exec(bytes.toString())![1],
      /Via: (.*)\r\n/.exec(bytes.toString())![1],
    ]);
    expect(rig.transport.take()).toEqual(['ACK', 'ACK']);
    expect(rig.application.take()).toEqual(['200']);
  });

  it('is acknowledged under a new branch, at the Contact, with the number of the INVITE (§13.2.2.4)', () => {
    const rig = new DialogRig();
    const call = rig.call({ headers: { CSeq: '51 INVITE', 'Proxy-Authorization': 'Digest x' } });
    call.answer(200, { Contact: '<sip:bob@192.0.2.9:5060;line=2>' });
    acknowledge(rig, call.dialogId);
    const ack = rig.transport.lastRequest();
    expect(ack.uri).toBe('sip:bob@192.0.2.9:5060;line=2');
    expect(ack.headers.get('CSeq')).toBe('51 ACK');
    expect(ack.headers.get('Via')).not.toBe(call.invite.headers.get('Via'));
    expect(ack.headers.get('Proxy-Authorization')).toBe('Digest x');
    expect(ack.headers.get('To')).toContain(';tag=bob');
  });

  it('carries the SDP of a delayed offer in its ACK (RFC 3264 §5)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200);
    call.answer(200);
    acknowledge(rig, call.dialogId, 'v=0\r\n');
    const ack = rig.transport.lastRequest();
    expect(ack.headers.get('Content-Type')).toBe('application/sdp');
    expect(ack.body.toString()).toBe('v=0\r\n');
  });

  it('refuses an ACK twice, after a failure, and before any answer', () => {
    const rig = new DialogRig();
    const call = rig.call();
    expect(() => acknowledge(rig, call.dialogId)).toThrow('no 2xx is waiting');
    call.answer(200);
    acknowledge(rig, call.dialogId);
    expect(() => acknowledge(rig, call.dialogId)).toThrow('no 2xx is waiting');
    const failed = rig.call();
    failed.answer(486);
    expect(() => acknowledge(rig, failed.dialogId)).toThrow('no 2xx is waiting');
  });

  it('goes to the original Request-URI when the 200 has no Contact', () => {
    const rig = new DialogRig();
    const call = rig.call({ uri: 'sip:bob@192.0.2.9:5062' });
    call.answer(200, { Contact: '' });
    acknowledge(rig, call.dialogId);
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5062');
  });

  it('gets a 408 made up here when nobody answers (§8.1.3.1)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.settle();
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['408']);
    expect(rig.application.lastResponse?.headers.get('Call-ID')).toBe(call.invite.headers.get('Call-ID'));
    expect(rig.application.lastFrom).toMatchObject({ protocol: 'udp', address: '192.0.2.9', port: 5060 });
    expect(rig.agent.dialogs.size + rig.agent.outgoing.size).toBe(0);
    rig.clock.advance(32_020);
    expect(rig.tables).toBe(0);
  });

  it('gets a 503 made up here when the network refuses (§8.1.3.1)', () => {
    const rig = new DialogRig();
    rig.call();
    rig.transport.failLast();
    expect(rig.application.take()).toEqual(['503']);
    expect(rig.tables).toBe(0);
  });

  it('may follow a 407 under the same Call-ID and tag, the old dialog being gone (§22.2)', () => {
    const rig = new DialogRig();
    const first = rig.call({ headers: { CSeq: '7 INVITE' } });
    first.answer(407);
    const { headers } = first.invite;
    const retry = rig.call({
      headers: { CSeq: '8 INVITE', 'Call-ID': headers.get('Call-ID')!, From: headers.get('From')! },
      nextHop: 'sip:192.0.2.9:5060',
    });
    expect(retry.dialogId).toBe(first.dialogId);
    expect(retry.invite.headers.get('CSeq')).toBe('8 INVITE');
    expect(retry.invite.headers.get('From')).toBe(headers.get('From'));
    retry.answer(200);
    acknowledge(rig, retry.dialogId);
    expect(rig.transport.lastRequest().headers.get('CSeq')).toBe('8 ACK');
  });

  it('refuses a second live dialog of one name', () => {
    const rig = new DialogRig();
    const headers = { 'Call-ID': 'same', From: '<sip:a@192.0.2.1>;tag=same' };
    rig.call({ headers });
    expect(() => rig.call({ headers })).toThrow('dialog with this Call-ID');
  });
});

describe('a forked INVITE (RFC 3261 §13.2.2.4)', () => {
  it('has 32 forks beside the first at most: a peer may not make up more', () => {
    const rig = new DialogRig();
    const call = rig.call();
    for (let n = 0; n < 100; n += 1) call.answer(180, {}, `ring${n}`);
    expect(rig.application.take()).toHaveLength(33);
    for (let n = 0; n < 100; n += 1) call.answer(200, {}, `answer${n}`);
    expect(rig.application.take()).toEqual(['200']);
    expect(rig.transport.take().filter((label) => label === 'BYE')).toHaveLength(32);
  });

  it('is acknowledged and hung up at each further answer, which the application does not hear of', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(200, {}, 'first');
    acknowledge(rig, call.dialogId);
    rig.settle();
    call.answer(200, { Contact: '<sip:bob@192.0.2.9:5070>' }, 'second');
    await Promise.resolve();
    const [ack, bye] = rig.transport.sent.map(({ message }) => message);
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    expect(ack!.headers.get('To')).toContain(';tag=second');
    expect(bye!.headers.get('To')).toContain(';tag=second');
    expect(bye!.headers.get('CSeq')).toBe(`${Number.parseInt(ack!.headers.get('CSeq')!, 10) + 1} BYE`);
    call.answer(200, {}, 'second');
    expect(rig.transport.take()).toEqual(['ACK']);
    expect(rig.application.take()).toEqual([]);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('follows the branch that answers, whichever rang (§12.1.2)', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180, {}, 'rang');
    call.answer(200, {}, 'answered');
    acknowledge(rig, call.dialogId);
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=answered');
  });
});
