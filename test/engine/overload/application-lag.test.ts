import { describe, expect, it } from 'vitest';
import { type Application, nobody } from '../../../sip/engine/dialog/application.ts';
import { ApplicationLag } from '../../../sip/engine/dialog/application-lag.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { request } from '../support/messages.ts';

const slow: Application = { ...nobody };
const quick: Application = { ...nobody };

describe('lag of the applications', () => {
  it('is the quickest answer of the slowest application', () => {
    const clock = new ManualClock();
    const lag = new ApplicationLag(() => clock.now());
    clock.advance(1_000);
    for (const delay of [900, 300, 400]) lag.answered(slow, clock.now() - delay);
    for (const delay of [5, 2]) lag.answered(quick, clock.now() - delay);
    expect(lag.measure()).toBe(300);
    expect(lag.measure()).toBe(300);
  });

  it('is not told from a few answers, which may have their reasons', () => {
    const clock = new ManualClock();
    const lag = new ApplicationLag(() => clock.now());
    clock.advance(1_000);
    for (let n = 0; n < 4; n += 1) lag.answered(slow, 0);
    expect(lag.measure()).toBe(0);
    clock.advance(10);
    expect(lag.measure()).toBe(0);
  });

  it('is forgotten a second after the last answers', () => {
    const clock = new ManualClock();
    const lag = new ApplicationLag(() => clock.now());
    clock.advance(500);
    for (let n = 0; n < 5; n += 1) lag.answered(slow, 0);
    expect(lag.measure()).toBe(500);
    clock.advance(1_010);
    expect(lag.measure()).toBe(0);
  });

  it('is measured from BYE to its answer and from 2xx to ACK', () => {
    const rig = new DialogRig();
    for (let n = 0; n < 3; n += 1) {
      const { localTag } = rig.confirmedCall({
        'Call-ID': `in-${n}`,
        Via: `SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKin${n}`,
      });
      rig.receive(
        request('BYE', { toTag: localTag, branch: `z9hG4bKbye${n}`, headers: { 'Call-ID': `in-${n}`, CSeq: '2 BYE' } }),
      );
      rig.clock.advance(200);
      rig.respond(200);
    }
    for (let n = 0; n < 2; n += 1) {
      const call = rig.call();
      call.answer(200);
      rig.clock.advance(150);
      void rig.agent.requestInDialog(call.dialogId, draft('ACK'));
    }
    expect(rig.agent.lag.measure()).toBe(150);
  });
});
