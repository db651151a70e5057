import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const inDialog = (rig: DialogRig, dialogId: string, method: string) =>
  rig.agent.requestInDialog(dialogId, draft(method)) as Sent;

// What drachtio-server does wrong, one by one.
describe('defects of the daemon the engine does not have', () => {
  it('target refresh: the Contact of a re-INVITE and of a 2xx to ours is where requests go (RFC 3261 §12.2)', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    inDialog(rig, call.dialogId, 'INVITE');
    const answer = response(rig.transport.lastRequest(), 200);
    answer.headers.set('Contact', '<sip:bob@192.0.2.9:5060;leg=2>');
    rig.receive(answer);
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060;leg=2');
    const theirs = call.peerRequest('INVITE');
    theirs.headers.set('Contact', '<sip:bob@192.0.2.9:5060;leg=3>');
    rig.receive(theirs);
    inDialog(rig, call.dialogId, 'INFO');
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060;leg=3');
  });

  for (const provisional of [100, 180, 183]) {
    it(`a ${provisional} to our re-INVITE does not lose the final response`, () => {
      const rig = new DialogRig();
      const { dialogId } = rig.confirmedCall();
      inDialog(rig, dialogId, 'INVITE');
      const invite = rig.transport.lastRequest();
      rig.receive(response(invite, provisional));
      rig.receive(response(invite, 200));
      expect(rig.application.take()).toEqual(provisional === 100 ? ['200'] : [`${provisional}`, '200']);
    });
  }

  it('our 200 to a re-INVITE is resent until its ACK, and theirs acknowledged again (RFC 3261 §13.3.1.4)', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.confirmedCall();
    rig.receive(request('INVITE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKre' }));
    rig.respond(200);
    expect(rig.watch(1600)).toEqual(['200@500', '200@1500']);
    rig.receive(request('ACK', { toTag: localTag, cseq: 2, branch: 'z9hG4bKack2' }));
    inDialog(rig, dialogId, 'INVITE');
    const invite = rig.transport.lastRequest();
    rig.receive(response(invite, 200));
    inDialog(rig, dialogId, 'ACK');
    rig.transport.take();
    rig.receive(response(invite, 200));
    expect(rig.transport.take()).toEqual(['ACK']);
  });

  it('the ACK to a second fork has the tag of that fork', async () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    call.answer(200, {}, 'fork');
    await Promise.resolve();
    expect(rig.transport.sent[0]?.message.headers.get('To')).toContain(';tag=fork');
  });

  it('an INVITE repeated after CANCEL and 487 is no new call', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.receive(request('CANCEL'));
    rig.receive(request('INVITE'));
    expect(rig.application.take()).toEqual(['INVITE', 'CANCEL']);
  });

  it('a CANCEL without a 487 does not leave the application hanging', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    rig.agent.cancel(call.transactionId, draft('CANCEL'));
    rig.receive(response(rig.transport.lastRequest(), 200));
    rig.application.take();
    rig.clock.advance(32_020);
    expect(rig.application.take()).toEqual(['487']);
  });

  it('an INVITE nobody answers does not die silently', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.transport.take();
    rig.clock.advance(64_020);
    expect(rig.transport.take()).toEqual(['480']);
  });

  it('says which protocol in every frame: ACK, and echoes of responses and requests', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall();
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
    expect(rig.application.lastFrom).toMatchObject({ protocol: 'udp', remoteAddress: '192.0.2.9' });
    rig.receive(request('INFO', { toTag: localTag, cseq: 2, branch: 'z9hG4bKinfo' }));
    expect(rig.respond(200).via).toMatchObject({ protocol: 'udp', address: '192.0.2.9', port: 5060 });
    expect(inDialog(rig, dialogId, 'BYE').via).toMatchObject({ protocol: 'udp', address: '192.0.2.9', port: 5060 });
    rig.clock.advance(32_020);
    expect(rig.application.lastFrom).toMatchObject({ protocol: 'udp', address: '192.0.2.9', port: 5060 });
  });

  it('hands a repeated ACK up once', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.application.take();
    for (const branch of ['z9hG4bKa', 'z9hG4bKa', 'z9hG4bKb']) rig.receive(request('ACK', { toTag: localTag, branch }));
    expect(rig.application.take()).toEqual(['ACK']);
  });

  it('keeps parameters of the Request-URI inside the To (RFC 3261 §20.10)', () => {
    const rig = new DialogRig();
    const call = rig.call({ uri: 'sip:bob@192.0.2.9;transport=udp;x=y' });
    expect(call.invite.headers.get('To')).toBe('<sip:bob@192.0.2.9;transport=udp;x=y>');
  });

  it('gives REFER outside a dialog to whoever wants it', () => {
    const rig = new DialogRig();
    rig.receive(request('REFER'));
    expect(rig.application.take()).toEqual(['REFER']);
    expect(rig.respond(202).bytes.toString()).toContain('SIP/2.0 202');
  });
});

describe('odd peers the engine survives', () => {
  it('no Contact in the 200: the ACK goes to the first Request-URI, and so does a BYE of the engine', () => {
    const rig = new DialogRig();
    const call = rig.call({ uri: 'sip:bob@192.0.2.9:5060' });
    rig.receive(response(call.invite, 200));
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.sent.map(({ message }) => (message.kind === 'request' ? message.method : ''))).toEqual([
      'INVITE',
      'ACK',
      'BYE',
    ]);
    expect(rig.transport.sent.slice(-2).map(({ message }) => (message.kind === 'request' ? message.uri : ''))).toEqual([
      'sip:bob@192.0.2.9:5060',
      'sip:bob@192.0.2.9:5060',
    ]);
  });

  it('no Contact in the INVITE: in-dialog requests go to where it came from', () => {
    const rig = new DialogRig();
    const invite = request('INVITE');
    invite.headers.remove('Contact');
    rig.receive(invite);
    const { dialogId } = rig.respond(200);
    rig.receive(request('ACK', { toTag: rig.localTag(), branch: 'z9hG4bKack' }));
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.sent.at(-1)?.target).toMatchObject({ address: '192.0.2.9', port: 5060 });
  });

  it('a second tag in the To of in-dialog responses', () => {
    const rig = new DialogRig();
    const call = rig.connectedCall();
    inDialog(rig, call.dialogId, 'INVITE');
    const answer = response(rig.transport.lastRequest(), 200);
    answer.headers.set('To', `${answer.headers.get('To')};tag=again`);
    rig.receive(answer);
    expect(rig.application.take()).toEqual(['200']);
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.lastRequest().headers.get('To')?.match(/tag=/g)).toHaveLength(1);
  });

  it('an ACK to a re-INVITE with `CSeq: n INVITE` and a broken Request-URI', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(request('INVITE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKre' }));
    rig.respond(200);
    rig.settle();
    const ack = request('ACK', { toTag: localTag, branch: 'z9hG4bKack2', headers: { CSeq: '2 INVITE' } });
    rig.receive({ ...ack, uri: 'sip:sip:bob@192.0.2.1' });
    expect(rig.application.take()).toEqual(['ACK']);
    expect(rig.watch(40_000)).toEqual([]);
  });

  it('in-dialog requests to the URI that was dialled, not to our Contact', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive({
      ...request('BYE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKbye' }),
      uri: 'sip:service@example.com',
    });
    expect(rig.application.take()).toEqual(['BYE']);
  });

  it('100 Trying with a To tag and a Contact: neither makes a dialog', () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(100, { Contact: '<sip:wrong@192.0.2.99>' }, 'wrong');
    call.answer(200, {}, 'right');
    inDialog(rig, call.dialogId, 'ACK');
    expect(rig.transport.lastRequest().headers.get('To')).toContain(';tag=right');
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060');
  });

  it('a Contact without angle brackets, its transport in capitals', () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall({ Contact: 'sip:alice@192.0.2.9:5060;transport=UDP' });
    inDialog(rig, dialogId, 'BYE');
    expect(rig.transport.sent.at(-1)?.target).toMatchObject({ protocol: 'udp', address: '192.0.2.9', port: 5060 });
  });

  it('no Max-Forwards in ACK and BYE', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.application.take();
    for (const [method, cseq] of [
      ['ACK', 1],
      ['BYE', 2],
    ] as const) {
      const message = request(method, { toTag: localTag, cseq, branch: `z9hG4bK${method}` });
      message.headers.remove('Max-Forwards');
      rig.receive(message);
    }
    expect(rig.application.take()).toEqual(['ACK', 'BYE']);
  });

  for (const status of [302, 401, 404, 407]) {
    it(`a ${status} repeated until its ACK: acknowledged each time, told once`, () => {
      const rig = new DialogRig();
      const call = rig.call();
      rig.settle();
      for (let time = 0; time < 4; time += 1) {
        call.answer(status);
        rig.clock.advance(500);
      }
      expect(rig.transport.take()).toEqual(['ACK', 'ACK', 'ACK', 'ACK']);
      expect(rig.application.take()).toEqual([`${status}`]);
    });
  }
});
