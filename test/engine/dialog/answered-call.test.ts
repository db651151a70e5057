import { describe, expect, it } from 'vitest';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const ackOf = (toTag: string, branch = 'z9hG4bKack') => request('ACK', { toTag, branch });

describe('2xx to an INVITE (RFC 3261 §13.3.1.4)', () => {
  it('is resent at T1, 2·T1 … capped at T2 until the ACK', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    expect(rig.watch(16_000)).toEqual(['200@500', '200@1500', '200@3500', '200@7500', '200@11500', '200@15500']);
    rig.receive(ackOf(localTag));
    expect(rig.watch(20_000)).toEqual([]);
  });

  it('is not resent over TCP', () => {
    const rig = new DialogRig();
    rig.answeredCall({}, 'tcp');
    expect(rig.watch(31_000)).toEqual([]);
  });

  it('without an ACK after 64·T1 leads to a BYE, and the application is told why', async () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall();
    rig.settle();
    rig.clock.advance(32_020);
    await Promise.resolve();
    const bye = rig.transport.lastRequest();
    expect(bye.method).toBe('BYE');
    expect(bye.headers.get('Reason')).toBe('SIP;cause=200;text="ACK timeout"');
    await Promise.resolve();
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.application.lastOwn?.dialogId).toBe(dialogId);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('passes the first ACK up with the id of the INVITE, and swallows it when repeated', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall();
    const inviteId = rig.application.ids.at(-1)!.transactionId;
    rig.settle();
    rig.receive(ackOf(localTag));
    rig.receive(ackOf(localTag));
    rig.receive(ackOf(localTag, 'z9hG4bKagain'));
    expect(rig.application.take()).toEqual(['ACK']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId: inviteId, dialogId });
  });

  it('takes an ACK whose CSeq says INVITE, as sipp scenarios write it', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack', headers: { CSeq: '1 INVITE' } }));
    expect(rig.application.take()).toEqual(['ACK']);
  });

  it('ignores an ACK with another number or another tag', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    rig.receive(request('ACK', { toTag: localTag, cseq: 7, branch: 'z9hG4bKa' }));
    rig.receive(ackOf('somebody-else'));
    expect(rig.application.take()).toEqual([]);
    expect(rig.watch(600)).toEqual(['200@500']);
  });

  it('is not resent once the caller has hung up before its ACK came', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    rig.receive(request('BYE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKbye' }));
    rig.respond(200);
    rig.receive(ackOf(localTag));
    expect(rig.application.take()).toEqual(['BYE']);
    expect(rig.watch(20_000)).toEqual([]);
  });

  it('holds our BYE back until the ACK (§15)', async () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall();
    rig.settle();
    const bye = rig.agent.requestInDialog(dialogId, draft('BYE'));
    expect(rig.transport.take()).toEqual([]);
    rig.receive(ackOf(localTag));
    expect(rig.transport.take()).toEqual(['BYE']);
    expect((await bye).dialogId).toBe(dialogId);
  });

  it('holds our BYE back no longer than the ACK may take (§15)', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall();
    void rig.agent.requestInDialog(dialogId, draft('BYE'));
    expect(rig.watch(32_500).filter((label) => label.startsWith('BYE'))).toEqual(['BYE@32000', 'BYE@32500']);
    expect(rig.application.take()).not.toContain('own BYE');
  });

  it('refuses the held BYE when the caller hangs up first', async () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall();
    const bye = Promise.resolve(rig.agent.requestInDialog(dialogId, draft('BYE')));
    rig.receive(request('BYE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKbye' }));
    await expect(bye).rejects.toThrow('unable to find dialog');
  });

  it('carries our Contact and the Record-Route of the INVITE (§12.1.1)', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall({ 'Record-Route': '<sip:192.0.2.50;lr>' });
    expect(dialogId).toBe('call-1;from-tag=alice');
    const { headers } = rig.transport.lastResponse();
    expect(headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    expect(headers.get('Record-Route')).toBe('<sip:192.0.2.50;lr>');
  });
});

describe('an INVITE the application leaves unanswered', () => {
  it('is answered 480 after 128·T1, later answers being refused', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.clock.advance(64_020);
    expect(rig.transport.lastResponse().status).toBe(480);
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('may ring as long as the caller likes', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(180);
    rig.settle();
    expect(rig.watch(100_000)).toEqual([]);
  });
});

describe('INVITE outside a dialog', () => {
  it('gets 503 when no application wants it', () => {
    const rig = new DialogRig();
    rig.hasApplication = false;
    rig.receive(request('INVITE'));
    expect(rig.transport.take()).toEqual(['100', '503']);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('gets 482 when it comes on a second path while the first is open (§8.2.2.2)', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.settle();
    rig.receive(request('INVITE', { branch: 'z9hG4bKfork' }));
    expect(rig.transport.take()).toEqual(['100', '482']);
    expect(rig.application.take()).toEqual([]);
  });

  it('may be tried again under the same Call-ID and tag after a refusal', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(407);
    rig.settle();
    rig.receive(request('INVITE', { branch: 'z9hG4bKretry', cseq: 2 }));
    expect(rig.application.take()).toEqual(['INVITE']);
  });

  it('lets the application choose our tag with its first response', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(180, { To: '<sip:bob@192.0.2.1>;tag=chosen' });
    rig.respond(200);
    expect(rig.localTag()).toBe('chosen');
    rig.settle();
    rig.receive(ackOf('chosen'));
    expect(rig.application.take()).toEqual(['ACK']);
  });

  it('without a From tag makes a dialog all the same (§12.1.1)', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { headers: { From: '<sip:old@192.0.2.9>' } }));
    const { dialogId } = rig.respond(200);
    const ack = request('ACK', {
      toTag: rig.localTag(),
      branch: 'z9hG4bKack',
      headers: { From: '<sip:old@192.0.2.9>' },
    });
    rig.settle();
    rig.receive(ack);
    expect(dialogId).toBe('call-1;from-tag=');
    expect(rig.application.take()).toEqual(['ACK']);
  });
});
