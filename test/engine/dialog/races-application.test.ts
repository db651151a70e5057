import { describe, expect, it } from 'vitest';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

/** The connection of the application closes; promises of BYEs it leaves behind settle. */
const leave = async (rig: DialogRig) => {
  rig.settle();
  rig.application.isConnected = false;
  rig.hasApplication = false;
  rig.agent.applicationLost(rig.application);
  await Promise.resolve();
};

/** Everything after the application left ends by itself, and it is told nothing any more. */
const expectQuietEnd = (rig: DialogRig) => {
  rig.clock.advance(300_000);
  expect(rig.application.take()).toEqual([]);
  expect(rig.tables).toBe(0);
};

const theirs = (method: string, toTag: string, cseq: number) =>
  request(method, { toTag, cseq, branch: `z9hG4bK${method}${cseq}` });

describe('an application that leaves while called', () => {
  it('before any response: 480', async () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    await leave(rig);
    expect(rig.transport.take()).toEqual(['480']);
    expectQuietEnd(rig);
  });

  it('while it rings: 480 with the tag of the 180', async () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.respond(180);
    const tag = rig.localTag();
    await leave(rig);
    expect(rig.localTag()).toBe(tag);
    expect(rig.transport.take()).toEqual(['480']);
    expectQuietEnd(rig);
  });

  it('and is then cancelled: 200 for the CANCEL, the 480 stands', async () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    await leave(rig);
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['480', '200']);
    expectQuietEnd(rig);
  });

  it('after its 200, before the ACK: BYE once the ACK is here (§15)', async () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    await leave(rig);
    expect(rig.watch(600)).toEqual(['200@500']);
    rig.receive(request('ACK', { toTag: localTag, branch: 'z9hG4bKack' }));
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['BYE']);
    expectQuietEnd(rig);
  });

  it('after its 200, and no ACK ever comes: BYE after 64·T1', async () => {
    const rig = new DialogRig();
    rig.answeredCall();
    await leave(rig);
    rig.clock.advance(32_020);
    await Promise.resolve();
    expect(rig.transport.take()).toContain('BYE');
    expectQuietEnd(rig);
  });

  it('after its 200, and the caller hangs up instead of an ACK: no BYE of ours', async () => {
    const rig = new DialogRig();
    const { localTag } = rig.answeredCall();
    await leave(rig);
    rig.receive(theirs('BYE', localTag, 2));
    await Promise.resolve();
    rig.clock.advance(1000);
    expect(rig.transport.take()).toEqual(['200']);
    expectQuietEnd(rig);
  });
});

describe('an application that leaves while calling', () => {
  it('before any 1xx: CANCEL after the first', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    await leave(rig);
    expect(rig.transport.take()).toEqual([]);
    call.answer(100);
    expect(rig.transport.take()).toEqual(['CANCEL']);
    call.answer(487);
    expect(rig.transport.take()).toEqual(['ACK']);
    expectQuietEnd(rig);
  });

  it('while it rings: CANCEL at once', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    await leave(rig);
    expect(rig.transport.take()).toEqual(['CANCEL']);
    expectQuietEnd(rig);
  });

  it('and the 200 crosses the CANCEL: ACK and BYE', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    call.answer(180);
    await leave(rig);
    rig.settle();
    call.answer(200);
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    expectQuietEnd(rig);
  });

  it('and a second branch answers too: ACK and BYE for both', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    await leave(rig);
    call.answer(200, {}, 'one');
    call.answer(200, {}, 'two');
    await Promise.resolve();
    expect(rig.transport.take()).toEqual(['ACK', 'BYE', 'ACK', 'BYE']);
    expectQuietEnd(rig);
  });

  it('after the 200, before it acknowledged: ACK and BYE', async () => {
    const rig = new DialogRig();
    rig.call().answer(200);
    await leave(rig);
    expect(rig.transport.take()).toEqual(['ACK', 'BYE']);
    expectQuietEnd(rig);
  });

  it('with its own CANCEL waiting for a 1xx: that CANCEL still goes out, once', async () => {
    const rig = new DialogRig();
    const call = rig.call();
    rig.agent.cancel(call.transactionId, draft('CANCEL'));
    await leave(rig);
    call.answer(100);
    call.answer(180);
    expect(rig.transport.take()).toEqual(['CANCEL']);
    expectQuietEnd(rig);
  });
});

describe('an application that leaves a call that is up', () => {
  it('called or calling: BYE, and 481 for whatever the peer sends afterwards', async () => {
    const called = new DialogRig();
    const { localTag } = called.confirmedCall();
    await leave(called);
    called.receive(theirs('INFO', localTag, 2));
    expect(called.transport.take()).toEqual(['BYE', '503']);
    called.receive(theirs('BYE', localTag, 3));
    expect(called.transport.take()).toEqual(['481']);
    expectQuietEnd(called);

    const calling = new DialogRig();
    calling.connectedCall();
    await leave(calling);
    expect(calling.transport.take()).toEqual(['BYE']);
    expectQuietEnd(calling);
  });

  it('with a re-INVITE of the peer open: 480 and BYE', async () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(theirs('INVITE', localTag, 2));
    await leave(rig);
    expect(rig.transport.take()).toEqual(['480', 'BYE']);
    expectQuietEnd(rig);
  });

  it('with its own re-INVITE open: BYE, and ACK for a 200 that comes all the same', async () => {
    const rig = new DialogRig();
    const { dialogId } = rig.confirmedCall();
    void rig.agent.requestInDialog(dialogId, draft('INVITE'));
    const invite = rig.transport.lastRequest();
    await leave(rig);
    expect(rig.transport.take()).toEqual(['BYE']);
    rig.receive(response(invite, 200));
    expect(rig.transport.take()).toEqual(['ACK']);
    expectQuietEnd(rig);
  });

  it('with a BYE of the peer unanswered: 200', async () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(theirs('BYE', localTag, 2));
    await leave(rig);
    expect(rig.transport.take()).toEqual(['200']);
    expectQuietEnd(rig);
  });

  it('with other requests unanswered: 500', async () => {
    const rig = new DialogRig();
    rig.receive(request('MESSAGE'));
    await leave(rig);
    expect(rig.transport.take()).toEqual(['500']);
    expectQuietEnd(rig);
  });
});

describe('an application that is there, but never answers', () => {
  const patience = [
    ['INVITE', 64_000, '480'],
    ['MESSAGE', 32_000, '500'],
    ['OPTIONS', 32_000, '500'],
    ['REGISTER', 32_000, '500'],
  ] as const;

  for (const [method, ms, answer] of patience) {
    it(`${method} is answered ${answer} after ${ms / 1000} s, and an answer then is refused`, () => {
      const rig = new DialogRig();
      rig.receive(request(method));
      rig.settle();
      expect(rig.watch(ms + 20)).toEqual([`${answer}@${ms}`]);
      expect(() => rig.agent.respond('late', response(request(method), 200))).toThrow('unable to find transaction');
      rig.clock.advance(64_000);
      expect(rig.tables).toBe(0);
    });
  }

  it('a re-INVITE gets 480 like the first, the call stays up', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive(theirs('INVITE', localTag, 2));
    rig.settle();
    expect(rig.watch(64_010)).toEqual(['480@64000']);
    expect(rig.agent.dialogs.size).toBe(1);
  });
});
