import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import type { SipResponse } from '../../../sip/engine/message/message.ts';
import { DialogRig, draft, responseDraft } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const SDP = 'v=0\r\n';
const reliably = { Require: '100rel' };
/** The tag the application chooses for its first response. */
const TAG = 'bridge';

/** An INVITE of a caller that knows 100rel. */
function ringingRig(headers: Record<string, string> = { Supported: 'timer, 100rel' }) {
  const rig = new DialogRig();
  rig.receive(request('INVITE', { headers }));
  rig.settle();
  const { transactionId } = rig.application.ids.at(-1)!;
  const answer = (status: number, extra = {}, body = '') =>
    rig.agent.respond(transactionId, responseDraft(status, { To: `<sip:bob@x>;tag=${TAG}`, ...extra }, body));
  return { rig, answer, transactionId };
}

const rseqOf = (response: SipResponse): number => Number(response.headers.get('RSeq'));

const prack = (rseq: number, cseq = 2, rack = `${rseq} 1 INVITE`) =>
  request('PRACK', { toTag: TAG, cseq, branch: `z9hG4bKprack${cseq}`, headers: { RAck: rack } });

const parts = ({ bytes }: Sent): string => bytes.toString();

describe('reliable provisional responses of ours (RFC 3262 §3)', () => {
  it('carry an RSeq, Require, Contact and Record-Route, and name the dialog', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { headers: { Supported: '100rel', 'Record-Route': '<sip:192.0.2.50;lr>' } }));
    const sent = rig.respond(183, { require: '100rel', rseq: '7' }, SDP);
    const { headers } = rig.transport.lastResponse();
    expect(headers.getAll('RSeq')).toHaveLength(1);
    expect(rseqOf(rig.transport.lastResponse())).not.toBe(7);
    expect(rseqOf(rig.transport.lastResponse())).toBeGreaterThan(0);
    expect(headers.getAll('Require')).toEqual(['100rel']);
    expect(headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    expect(headers.get('Record-Route')).toBe('<sip:192.0.2.50;lr>');
    expect(sent.dialogId).toBe('call-1;from-tag=alice');
    expect(parts(sent)).toContain(`RSeq: ${headers.get('RSeq')}`);
  });

  it('start at a random RSeq', () => {
    const starts = [1, 2, 3, 4].map(() => {
      const { rig, answer } = ringingRig();
      answer(180, reliably);
      return rseqOf(rig.transport.lastResponse());
    });
    expect(new Set(starts).size).toBeGreaterThan(1);
  });

  it('are all there is below 200 when the INVITE requires it, but never 100', () => {
    const { rig, answer } = ringingRig({ Require: '100rel' });
    answer(100);
    expect(rig.transport.lastResponse().headers.has('RSeq')).toBe(false);
    answer(180);
    expect(rig.transport.lastResponse().headers.get('Require')).toBe('100rel');
    expect(rig.transport.lastResponse().headers.has('RSeq')).toBe(true);
  });

  it('become unreliable ones for a caller that does not know 100rel', () => {
    const { rig, answer } = ringingRig({});
    answer(183, { Require: '100rel, precondition' }, SDP);
    const { headers } = rig.transport.lastResponse();
    expect(headers.has('RSeq')).toBe(false);
    expect(headers.get('Require')).toBe('precondition');
    answer(200);
    expect(rig.transport.take()).toEqual(['183', '200']);
  });

  it('are resent at T1, 2·T1, 4·T1 … without a cap', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably);
    expect(rig.watch(16_000)).toEqual(['183@500', '183@1500', '183@3500', '183@7500', '183@15500']);
  });

  it('are resent over TCP too: some hop behind may lose them', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE', { headers: { Supported: '100rel' }, protocol: 'tcp' }), 'tcp');
    rig.respond(183, reliably);
    expect(rig.watch(1000)).toEqual(['183@500']);
  });

  it('end with 504 after 64·T1 without PRACK, the application being told by a CANCEL', () => {
    const { rig, answer, transactionId } = ringingRig();
    answer(183, reliably);
    rig.application.take();
    expect(rig.watch(32_000).at(-1)).toBe('504@32000');
    expect(rig.application.take()).toEqual(['CANCEL']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId, dialogId: 'call-1;from-tag=alice' });
    expect(rig.application.lastRequest?.headers.get('Reason')).toContain('PRACK timeout');
    expect(() => answer(200)).toThrow('unable to find transaction');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('stop with the PRACK, which goes to the application under its own id and with the dialog', () => {
    const { rig, answer, transactionId } = ringingRig();
    answer(183, reliably);
    rig.receive(prack(rseqOf(rig.transport.lastResponse())));
    expect(rig.application.take()).toEqual(['PRACK']);
    const ids = rig.application.ids.at(-1)!;
    expect(ids.dialogId).toBe('call-1;from-tag=alice');
    expect(ids.transactionId).not.toBe(transactionId);
    expect(rig.respond(200).dialogId).toBe('call-1;from-tag=alice');
    expect(rig.watch(40_000)).toEqual([]);
  });

  it('wait for the PRACK of the one before, each counting one up', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably);
    const first = rseqOf(rig.transport.lastResponse());
    rig.transport.take();
    const second = answer(180, reliably);
    expect(parts(second)).toContain(`RSeq: ${first + 1}\r\n`);
    expect(rig.transport.take()).toEqual([]);
    rig.receive(prack(first));
    expect(rseqOf(rig.transport.lastResponse())).toBe(first + 1);
    expect(rig.transport.lastResponse().status).toBe(180);
  });

  it('have 481 for a PRACK that names none of them, and for one that comes again in a new transaction', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably);
    const rseq = rseqOf(rig.transport.lastResponse());
    const tagged = prack(rseq, 6);
    rig.settle();
    for (const [cseq, rack] of [`${rseq + 1} 1 INVITE`, `${rseq} 2 INVITE`, `${rseq} 1 UPDATE`, 'nonsense'].entries()) {
      rig.receive(prack(rseq, cseq + 2, rack));
      expect(rig.transport.take()).toEqual(['481']);
    }
    expect(rig.application.take()).toEqual([]);
    rig.receive(tagged);
    rig.respond(200);
    rig.receive(tagged);
    expect(rig.application.take()).toEqual(['PRACK']);
    expect(rig.transport.take()).toEqual(['200', '200']);
    rig.receive(prack(rseq, 7));
    expect(rig.transport.take()).toEqual(['481']);
  });

  it('have their PRACK answered 200 by the engine when the application does not', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably);
    rig.receive(prack(rseqOf(rig.transport.lastResponse())));
    expect(rig.watch(10_000)).toEqual(['200@4000']);
  });

  it('have their PRACK accepted when the application does not know the method', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably);
    rig.receive(prack(rseqOf(rig.transport.lastResponse())));
    rig.settle();
    expect(parts(rig.respond(501))).toContain('SIP/2.0 200 OK');
    expect(rig.transport.take()).toEqual(['200']);
  });

  it('count anew for a re-INVITE', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(request('INVITE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKre', headers: { Supported: '100rel' } }));
    rig.respond(183, reliably);
    const rack = `${rseqOf(rig.transport.lastResponse())} 2 INVITE`;
    rig.receive(request('PRACK', { toTag: localTag, cseq: 3, branch: 'z9hG4bKprack', headers: { RAck: rack } }));
    expect(rig.application.take()).toEqual(['INVITE', 'PRACK']);
  });
});

describe('final responses and the PRACK (RFC 3262 §3)', () => {
  const heldSuccess = (headers?: Record<string, string>) => {
    const parts = ringingRig(headers);
    parts.answer(183, reliably, SDP);
    const acknowledge = prack(rseqOf(parts.rig.transport.lastResponse()));
    parts.rig.settle();
    const sent = parts.answer(200);
    return { ...parts, acknowledge, sent };
  };

  it('a 2xx waits for the PRACK of a session description and is told to the application at once', () => {
    const { rig, acknowledge, sent } = heldSuccess();
    expect(sent.dialogId).toBe('call-1;from-tag=alice');
    expect(parts(sent)).toContain('SIP/2.0 200');
    expect(rig.transport.take()).toEqual([]);
    rig.receive(acknowledge);
    expect(rig.application.take()).toEqual(['PRACK']);
    expect(rig.transport.take()).toEqual(['200']);
    expect(rig.watch(2000)).toEqual(['200@500', '200@1500']);
    rig.receive(request('ACK', { toTag: TAG, branch: 'z9hG4bKack' }));
    expect(rig.application.take()).toEqual(['ACK']);
    expect(rig.agent.dialogs.get(sent.dialogId)?.provisionals).toBeUndefined();
  });

  it('a 2xx does not wait for a response without one, whose PRACK is good all the same', () => {
    const { rig, answer } = ringingRig();
    answer(180, reliably);
    const late = prack(rseqOf(rig.transport.lastResponse()));
    rig.transport.take();
    answer(200);
    expect(rig.transport.take()).toEqual(['200']);
    rig.application.take();
    rig.receive(late);
    expect(rig.application.take()).toEqual(['PRACK']);
    rig.respond(200);
    expect(rig.transport.take()).toEqual(['200']);
  });

  it('a refusal does not wait; the PRACK on its way is answered 200, once', () => {
    const { rig, answer } = ringingRig();
    answer(183, reliably, SDP);
    const answered = rig.transport.lastResponse();
    const late = prack(rseqOf(answered));
    rig.settle();
    answer(486);
    expect(rig.transport.take()).toEqual(['486']);
    rig.receive(late);
    expect(rig.transport.take()).toEqual(['200']);
    rig.receive(prack(rseqOf(answered), 3));
    expect(rig.transport.take()).toEqual(['481']);
    expect(rig.application.take()).toEqual([]);
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });

  it('a CANCEL overtakes the waiting 2xx: 487, and the application hears a BYE of its dialog', () => {
    const { rig, transactionId } = heldSuccess();
    rig.receive(request('CANCEL', {}));
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.application.lastOwn?.bytes.toString()).toContain('text="Caller cancelled"');
    expect(rig.application.lastOwn?.dialogId).toBe('call-1;from-tag=alice');
    expect(() => rig.agent.respond(transactionId, responseDraft(200))).toThrow();
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('a PRACK that never comes ends the waiting 2xx with 504 and the dialog with a BYE to the application', () => {
    const { rig } = heldSuccess();
    expect(rig.watch(32_000).filter((each) => !each.startsWith('183'))).toEqual(['504@32000']);
    expect(rig.application.take()).toEqual(['own BYE']);
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });

  it('a Record-Route nobody can read does no harm there', () => {
    const { rig } = heldSuccess({ Supported: '100rel', 'Record-Route': '<nonsense' });
    rig.clock.advance(32_000);
    expect(rig.application.take()).toEqual(['own BYE']);
  });

  it('a BYE of the application waits with the 2xx and is sent after its ACK', async () => {
    const { rig, acknowledge, sent } = heldSuccess();
    const bye = rig.agent.requestInDialog(sent.dialogId, draft('BYE'));
    rig.receive(acknowledge);
    rig.settle();
    rig.receive(request('ACK', { toTag: TAG, branch: 'z9hG4bKack' }));
    await bye;
    expect(rig.transport.take()).toEqual(['BYE']);
  });

  it('a BYE of the caller overtakes the waiting 2xx like a CANCEL (RFC 3261 §15)', () => {
    const { rig } = heldSuccess();
    rig.receive(request('BYE', { toTag: TAG, cseq: 2, branch: 'z9hG4bKbye' }));
    expect(rig.transport.take()).toEqual(['200', '487']);
    expect(rig.application.take()).toEqual(['own BYE']);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('an application that leaves meanwhile takes the call with it', () => {
    const { rig } = heldSuccess();
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    expect(rig.transport.take()).toEqual(['487']);
    expect(rig.agent.dialogs.size).toBe(0);
  });
});
