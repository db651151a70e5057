import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NUMBER, testAccount } from '../support/account.ts';
import { type Bridge, startBridge } from '../support/bridge.ts';
import { freePort } from '../support/free-port.ts';
import { startSipp } from '../support/sipp.ts';
import { waitFor } from '../support/wait-for.ts';

let bridge: Bridge;
let portA: number;
let portB: number;

beforeAll(async () => {
  [portA, portB] = [await freePort(), await freePort()];
  bridge = await startBridge(
    testAccount({
      buyers: { A: [`sip:a@127.0.0.1:${portA}`], B: [`sip:b@127.0.0.1:${portB}`] },
      ringTimeoutSeconds: 2,
    }),
  );
});
afterAll(() => bridge?.stop());

/** The row of the call whose INVITE this buyer got, once it is over. */
async function endedCall(uuid: string) {
  return waitFor(`call ${uuid} to be over`, async () => {
    const call = await bridge.call(uuid);
    return call['end_time'] === null ? undefined : call;
  });
}

/** A call that reached no buyer: found by the caller's number. */
async function endedCallFrom(callerNumber: string) {
  const call = await waitFor(`the call from ${callerNumber} to be over`, async () =>
    (await bridge.calls()).find((each) => each['caller_number'] === callerNumber && each['end_time'] !== null),
  );
  return bridge.call(call['call_uuid']);
}

const toBridge = () => ({ remote: bridge.sip, dialedNumber: NUMBER });

describe('a bridged call', () => {
  it('hands uuid and key to the buyer and records who hung up: the caller', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: portA });
    await using caller = await startSipp('uac-answered-hangs-up', { ...toBridge(), set: { talk_ms: 400 } });
    await Promise.all([caller.exit, buyer.exit]);

    const [invite] = buyer.messages();
    const uuid = invite?.header('X-PH-RetreaverUUID') ?? '';
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(invite?.header('X-PH-RetreaverKey')).toMatch(/^[0-9a-f]{40}$/);
    expect(invite?.headers.map(([name]) => name)).toEqual(
      expect.arrayContaining(['X-PH-RetreaverUUID', 'X-PH-RetreaverKey']),
    );
    expect(invite?.header('From')).toContain('sip:+12025550100@');
    expect(invite?.body).toContain('m=audio');
    expect(Number(invite?.header('Max-Forwards'))).toBe(69);
    for (const later of [...buyer.messages('ACK'), ...buyer.messages('BYE')]) expect(later.raw).not.toMatch(/x-ph-/i);

    const call = await endedCall(uuid);
    expect(call).toMatchObject({
      carrier_id: 'carrier',
      campaign_id: 'auto',
      publisher_id: 'radio',
      buyer_id: 'A',
      caller_number: '+12025550100',
      dialed_number: NUMBER,
      hung_up_by: 'caller',
      sip_status: 200,
      outcome: 'completed',
      end_estimated: false,
      status: 'pending',
    });
    const [start, answer, end] = ['start_time', 'answer_time', 'end_time'].map((name) => Date.parse(call[name]));
    expect(answer! - start!).toBeGreaterThanOrEqual(90);
    expect(end! - answer!).toBeGreaterThanOrEqual(390);
    expect(end! - answer!).toBeLessThan(1500);
    expect(call['attempts']).toMatchObject([{ seq: 1, buyer_id: 'A', destination: `sip:a@127.0.0.1:${portA}` }]);
    expect(call['attempts'][0].answer_time).toBe(call['answer_time']);
    expect(call['attempts'][0].ringing_time).not.toBeNull();
  });

  it('records that the buyer hung up', async () => {
    await using buyer = await startSipp('uas-ring-answer-hangs-up', { port: portA });
    await using caller = await startSipp('uac-answered-expect-bye', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    const call = await endedCall(buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call).toMatchObject({ hung_up_by: 'buyer', outcome: 'completed', sip_status: 200 });
  });

  it('works over TCP from the carrier', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: portA });
    await using caller = await startSipp('uac-answered-hangs-up', { ...toBridge(), transport: 'tcp' });
    await Promise.all([caller.exit, buyer.exit]);
    expect((await endedCall(buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? ''))['hung_up_by']).toBe('caller');
  });

  it('carries hold and resume from the caller to the buyer', async () => {
    await using buyer = await startSipp('uas-answer-accepts-reinvite-info-expect-bye', { port: portA });
    await using caller = await startSipp('uac-answered-holds-resumes-hangs-up', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    const offers = buyer.messages().map((invite) => /a=(sendrecv|sendonly)/.exec(invite.body)?.[1]);
    expect(offers).toEqual(['sendrecv', 'sendonly', 'sendrecv']);
    expect(buyer.messages()[1]?.raw).not.toMatch(/x-ph-/i);
  });

  it('carries hold and resume from the buyer to the caller', async () => {
    await using buyer = await startSipp('uas-answer-holds-resumes-hangs-up', { port: portA });
    await using caller = await startSipp('uac-answered-accepts-reinvite-expect-bye', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    expect(caller.messages().map((invite) => /a=(sendrecv|sendonly)/.exec(invite.body)?.[1])).toEqual([
      'sendonly',
      'sendrecv',
    ]);
  });

  it('carries a pressed digit (INFO) to the buyer', async () => {
    await using buyer = await startSipp('uas-answer-accepts-reinvite-info-expect-bye', { port: portA });
    await using caller = await startSipp('uac-answered-sends-info-hangs-up', { ...toBridge(), set: { digit: '7' } });
    await Promise.all([caller.exit, buyer.exit]);
    const [info] = buyer.messages('INFO');
    expect(info?.header('Content-Type')).toBe('application/dtmf-relay');
    expect(info?.body).toContain('Signal=7');
  });

  it('bridges a call whose offer comes in the 200 (RFC 3261 §13.2.1)', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: portA });
    await using caller = await startSipp('uac-delayed-offer-hangs-up', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    expect(buyer.messages('ACK')[0]?.body).toContain('m=audio');
    const call = await endedCall(buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call).toMatchObject({ hung_up_by: 'caller', outcome: 'completed' });
  });

  it('19: copies of our headers sent by the caller reach nobody', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { port: portA });
    await using caller = await startSipp('uac-forged-key-expect-clean-responses', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    const [invite] = buyer.messages();
    expect(invite?.raw).not.toContain('evil');
    expect(invite?.headers.filter(([name]) => /^x-ph-/i.test(name))).toHaveLength(2);
    expect(caller.messages(200)[0]?.raw).not.toMatch(/x-ph-/i);
  });
});

describe('a call that somebody does not take', () => {
  it('17: goes to the next buyer when the first refuses; both INVITEs carry the headers', async () => {
    await using refusing = await startSipp('uas-invite-refuse-480', { port: portA, status: 486 });
    await using taking = await startSipp('uas-ring-answer-expect-bye', { port: portB });
    await using caller = await startSipp('uac-answered-hangs-up', toBridge());
    await Promise.all([caller.exit, refusing.exit, taking.exit]);
    const [first] = refusing.messages();
    const [second] = taking.messages();
    const uuid = second?.header('X-PH-RetreaverUUID') ?? '';
    expect(first?.header('X-PH-RetreaverUUID')).toBe(uuid);
    expect(first?.header('X-PH-RetreaverKey')).toBe(second?.header('X-PH-RetreaverKey'));
    expect(first?.header('Call-ID')).not.toBe(second?.header('Call-ID'));
    const call = await endedCall(uuid);
    expect(call['buyer_id']).toBe('B');
    expect(call['attempts']).toMatchObject([
      { seq: 1, buyer_id: 'A', sip_status: 486, answer_time: null },
      { seq: 2, buyer_id: 'B', sip_status: 200 },
    ]);
  });

  it('goes to the next buyer when the first only rings', async () => {
    await using ringing = await startSipp('uas-ring-expect-cancel', { port: portA });
    await using taking = await startSipp('uas-ring-answer-expect-bye', { port: portB });
    await using caller = await startSipp('uac-answered-hangs-up', toBridge());
    await Promise.all([caller.exit, ringing.exit, taking.exit]);
    const call = await endedCall(taking.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call['attempts']).toMatchObject([{ buyer_id: 'A', reason: 'ring timeout' }, { buyer_id: 'B' }]);
  });

  it('goes to the next buyer when the first is silent', async () => {
    const silentPort = await freePort(); // an INVITE that nobody answers is repeated long after: no port of other tests
    await using other = await startBridge(
      testAccount({
        buyers: { A: [`sip:a@127.0.0.1:${silentPort}`], B: [`sip:b@127.0.0.1:${portB}`] },
        ringTimeoutSeconds: 1,
      }),
    );
    await using silent = await startSipp('uas-silent', { port: silentPort });
    await using taking = await startSipp('uas-ring-answer-expect-bye', { port: portB });
    await using caller = await startSipp('uac-answered-hangs-up', { remote: other.sip, dialedNumber: NUMBER });
    await Promise.all([caller.exit, taking.exit]);
    expect(silent.messages()).toHaveLength(1);
    const call = await other.call(taking.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call['attempts']).toMatchObject([{ buyer_id: 'A', reason: 'ring timeout' }, { buyer_id: 'B' }]);
  });

  it('goes to the next buyer at once when the first is not there (nothing listens on TCP)', async () => {
    await using other = await startBridge(
      testAccount({
        buyers: { A: [`sip:a@127.0.0.1:${await freePort()};transport=tcp`], B: [`sip:b@127.0.0.1:${portB}`] },
      }),
    );
    await using taking = await startSipp('uas-ring-answer-expect-bye', { port: portB });
    await using caller = await startSipp('uac-answered-hangs-up', { remote: other.sip, dialedNumber: NUMBER });
    await Promise.all([caller.exit, taking.exit]);
    const uuid = taking.messages()[0]?.header('X-PH-RetreaverUUID') ?? '';
    const call = await waitFor('the call to be over', async () => {
      const row = await other.call(uuid);
      return row['end_time'] === null ? undefined : row;
    });
    expect(call['attempts']).toMatchObject([{ buyer_id: 'A', sip_status: 503 }, { buyer_id: 'B' }]);
  });

  it('18: ends with 487 when the caller gives up; the buyer gets CANCEL, nothing was answered', async () => {
    await using buyer = await startSipp('uas-ring-expect-cancel', { port: portA });
    await using caller = await startSipp('uac-ringing-cancel-expect-487', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    const call = await endedCall(buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call).toMatchObject({
      answer_time: null,
      hung_up_by: 'caller',
      sip_status: 487,
      outcome: 'abandoned',
      status: 'not_converted',
      window_end_time: null,
    });
    expect(call['events'].map((event: { type: string }) => event.type)).not.toContain('answered');
    expect(call['attempts']).toHaveLength(1);
  });

  it('leaves no ghost when the caller gives up before it rings', async () => {
    await using buyer = await startSipp('uas-trying-expect-cancel', { port: portA });
    const callerNumber = '+12025550126';
    await using caller = await startSipp('uac-trying-cancel-expect-487', { ...toBridge(), callerNumber });
    await caller.exit;
    const call = await endedCallFrom(callerNumber);
    expect(call).toMatchObject({ answer_time: null, outcome: 'abandoned' });
    // The CANCEL may have come before anybody was dialled; a buyer who was gets it too.
    if (call['attempts'].length > 0) await buyer.exit;
    expect(buyer.messages('CANCEL')).toHaveLength(buyer.messages().length);
  });

  it('hangs up a buyer whose answer crosses the CANCEL; the call was not answered (semantics §7)', async () => {
    await using buyer = await startSipp('uas-cancel-crossed-by-200-expect-bye', { port: portA });
    await using caller = await startSipp('uac-ringing-cancel-expect-487', toBridge());
    await Promise.all([caller.exit, buyer.exit]);
    const call = await endedCall(buyer.messages()[0]?.header('X-PH-RetreaverUUID') ?? '');
    expect(call).toMatchObject({ answer_time: null, outcome: 'abandoned', status: 'not_converted' });
  });

  it('gives the last status to the caller when nobody is left', async () => {
    await using busy = await startSipp('uas-invite-refuse-480', { port: portA, status: 486 });
    await using declining = await startSipp('uas-invite-refuse-480', { port: portB, status: 603 });
    await using caller = await startSipp('uac-invite-expect-480', {
      ...toBridge(),
      status: 603,
      callerNumber: '+12025550123',
    });
    await Promise.all([caller.exit, busy.exit, declining.exit]);
    const call = await endedCallFrom('+12025550123');
    expect(call).toMatchObject({ sip_status: 603, answer_time: null, buyer_id: null, status: 'not_converted' });
    expect(call['attempts']).toMatchObject([{ sip_status: 486 }, { sip_status: 603 }]);
  });
});

describe('a call that is not for us', () => {
  it('is refused 404 for an unknown number, without a row', async () => {
    await using caller = await startSipp('uac-invite-expect-480', {
      remote: bridge.sip,
      dialedNumber: '+18005550199',
      callerNumber: '+12025550124',
      status: 404,
    });
    await caller.exit;
    expect((await bridge.calls()).some((call) => call['caller_number'] === '+12025550124')).toBe(false);
    await waitFor('the log line', () => bridge.log.some((line) => line['reason'] === 'unknown_number'));
  });

  it('is refused 403 from an unknown carrier, without a row', async () => {
    await using caller = await startSipp('uac-invite-expect-480', {
      ...toBridge(),
      address: '127.0.0.2',
      callerNumber: '+12025550125',
      status: 403,
    });
    await caller.exit;
    expect((await bridge.calls()).some((call) => call['caller_number'] === '+12025550125')).toBe(false);
    await waitFor('the log line', () => bridge.log.some((line) => line['reason'] === 'unknown_carrier'));
  });

  it('writes no call key into the log', () => {
    expect(JSON.stringify(bridge.log)).not.toMatch(/[0-9a-f]{40}/);
  });
});
