import { describe, expect, it } from 'vitest';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const leave = (rig: DialogRig): void => {
  rig.application.isConnected = false;
  rig.agent.applicationLost(rig.application);
};

describe('an application that answers nothing', () => {
  it('has an INVITE refused 480 after 128·T1 and is told to stop by a CANCEL', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    const { transactionId } = rig.application.ids.at(-1)!;
    rig.settle();
    expect(rig.watch(64_000)).toEqual(['480@64000']);
    expect(rig.application.take()).toEqual(['CANCEL']);
    expect(rig.application.ids.at(-1)).toEqual({ transactionId, dialogId: '' });
    expect(rig.application.lastRequest?.headers.get('Call-ID')).toBe('call-1');
    expect(() => rig.respond(200)).toThrow('unable to find transaction');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it.each(['INFO', 'UPDATE', 'OPTIONS'])('has %s in a dialog answered 500 after 64·T1', (method) => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(request(method, { toTag: localTag, cseq: 2, branch: 'z9hG4bKx' }));
    expect(rig.watch(32_000)).toEqual(['500@32000']);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('lets a call ring for ever, unless there is a limit', () => {
    const patient = new DialogRig();
    patient.receive(request('INVITE'));
    patient.respond(180);
    expect(patient.watch(600_000)).toEqual([]);

    const limited = new DialogRig({ ringingLimitMs: 180_000 });
    limited.receive(request('INVITE'));
    limited.respond(180);
    limited.clock.advance(100_000);
    limited.respond(183);
    limited.settle();
    expect(limited.watch(80_000)).toEqual(['480@80000']);
    expect(limited.application.take()).toEqual(['CANCEL']);
    expect(limited.application.ids.at(-1)?.dialogId).toBe('call-1;from-tag=alice');
    expect(limited.application.lastRequest?.headers.get('Reason')).toBe('SIP;cause=480;text="No answer"');
  });

  it('has no limit on a call that was answered in time', () => {
    const rig = new DialogRig({ ringingLimitMs: 60_000 });
    rig.receive(request('INVITE'));
    rig.respond(180);
    rig.respond(200);
    rig.receive(request('ACK', { toTag: rig.localTag(), branch: 'z9hG4bKack' }));
    rig.settle();
    expect(rig.watch(120_000)).toEqual([]);
  });
});

describe('an application whose call the engine ends', () => {
  it('is told so even if the BYE finds no way out', async () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall();
    rig.clock.advance(31_990);
    rig.transport.send = () => {
      throw new Error('no network');
    };
    rig.clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.application.events).toContain('own BYE');
    expect(rig.application.lastOwn?.dialogId).toBe(dialogId);
    expect(rig.application.lastOwn?.bytes.toString()).toContain('text="ACK timeout"');
  });
});

describe('an application that leaves', () => {
  it('has its calls hung up at once, both those it made and those it took', () => {
    const rig = new DialogRig();
    rig.connectedCall();
    rig.confirmedCall();
    leave(rig);
    expect(rig.transport.take()).toEqual(['BYE', 'BYE']);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('has the call it had just answered hung up after the ACK (RFC 3261 §15)', () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    rig.settle();
    leave(rig);
    expect(rig.transport.take()).toEqual([]);
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
    expect(rig.transport.take()).toEqual(['BYE']);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('has the call whose ACK never comes hung up all the same', () => {
    const rig = new DialogRig();
    rig.answeredCall();
    leave(rig);
    expect(rig.watch(32_000).at(-1)).toBe('BYE@32000');
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });

  it('may leave its calls up for a while: BYE ends them, other requests get 481, then they are hung up', () => {
    const rig = new DialogRig({ releaseAfterMs: 30_000 });
    const call = rig.connectedCall();
    const { localTag } = rig.confirmedCall();
    leave(rig);
    expect(rig.transport.take()).toEqual([]);
    rig.receive(call.peerRequest('INFO'));
    expect(rig.transport.take()).toEqual(['481']);
    rig.receive(call.peerRequest('INVITE', 2));
    expect(rig.transport.take()).toEqual(['100', '481']);
    rig.receive(request('BYE', { toTag: localTag, cseq: 2, branch: 'z9hG4bKbye' }));
    expect(rig.transport.take()).toEqual(['200']);
    expect(rig.agent.dialogs.size).toBe(1);
    expect(rig.watch(30_000).filter((each) => each.startsWith('BYE'))).toEqual(['BYE@30000']);
    expect(rig.agent.dialogs.size).toBe(0);
    expect(rig.application.take()).toEqual([]);
  });

  it('has its calls still ringing refused and cancelled without a while', () => {
    const rig = new DialogRig({ releaseAfterMs: 30_000 });
    rig.receive(request('INVITE'));
    rig.respond(180);
    const call = rig.call();
    call.answer(180);
    rig.settle();
    leave(rig);
    expect(rig.transport.take()).toEqual(['480', 'CANCEL']);
  });

  it('has the answer that crosses its leaving acknowledged and hung up', () => {
    const rig = new DialogRig({ releaseAfterMs: 30_000 });
    const call = rig.call();
    leave(rig);
    call.answer(200);
    expect(rig.transport.take()).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(rig.application.take()).toEqual([]);
  });

  it('hears nothing of the responses to what it had sent', () => {
    const rig = new DialogRig({ releaseAfterMs: 30_000 });
    const call = rig.connectedCall();
    void rig.agent.requestInDialog(call.dialogId, draft('INFO'));
    const info = rig.transport.lastRequest();
    leave(rig);
    rig.receive(response(info, 200));
    expect(rig.application.take()).toEqual([]);
  });
});
