import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../src/log.ts';
import { BridgedCall, type BridgeEnd } from '../../src/telephony/bridged-call.ts';
import type { SipDialog, SipRequest } from '../../src/telephony/srf.ts';

/** A leg that notes its BYE. */
class FakeLeg extends EventEmitter {
  connected = true;
  /** A 2xx with a session timer. */
  readonly res = { has: () => true };
  queueRequests = false;
  readonly byes: Record<string, string>[] = [];

  destroy({ headers = {} }: { headers?: Record<string, string> }, done: (error: Error | null) => void): void {
    this.connected = false;
    this.byes.push(headers);
    done(null);
  }

  /** A BYE arrives: the peer's, or one the engine made. */
  hangsUp(source: SipRequest['source'] = 'network', reason?: string): void {
    this.connected = false;
    this.emit('destroy', { source, get: () => reason });
  }
}

let caller: FakeLeg;
let buyer: FakeLeg;
let ends: BridgeEnd[];

beforeEach(() => {
  [caller, buyer, ends] = [new FakeLeg(), new FakeLeg(), []];
  const options = { log: createLog('silent'), maxDurationMs: 60_000, probeMs: 60_000, transfers: undefined };
  const onEnd = (end: BridgeEnd) => ends.push(end);
  const leg = { kind: 'dialog', dialog: buyer as unknown as SipDialog } as const;
  new BridgedCall(caller as unknown as SipDialog, leg, { ...options, onEnd });
});

const EXPIRED = 'SIP;cause=200;text="Session timer expired"';

describe('the end of a bridged call', () => {
  it.each([
    ['the caller hangs up', () => caller.hangsUp(), { hungUpBy: 'caller', ending: 'hangup' }],
    ['the buyer hangs up', () => buyer.hangsUp(), { hungUpBy: 'buyer', ending: 'hangup' }],
    [
      'the caller vanished',
      () => caller.hangsUp('application', EXPIRED),
      { hungUpBy: 'system', ending: 'session_expired', vanished: 'caller' },
    ],
    [
      'the buyer vanished',
      () => buyer.hangsUp('application', EXPIRED),
      { hungUpBy: 'system', ending: 'session_expired', vanished: 'buyer' },
    ],
    [
      'the caller never acknowledged',
      () => caller.hangsUp('application', 'SIP;cause=200;text="ACK timeout"'),
      { hungUpBy: 'system', ending: 'peer_vanished', vanished: 'caller' },
    ],
  ])('%s: the other leg gets a BYE, the end is told once', (_, happens, end) => {
    happens();
    happens();
    expect(ends).toHaveLength(1);
    expect(ends[0]).toMatchObject(end);
    expect(caller.byes.length + buyer.byes.length).toBe(1);
  });

  it('the buyer’s line is free at once when it hung up itself, else when its BYE is through', () => {
    buyer.hangsUp();
    expect(ends[0]?.buyerGone).toBeUndefined();
  });

  it('a caller who hangs up leaves the buyer’s leg to be waited for', async () => {
    caller.hangsUp();
    expect(ends[0]?.buyerGone).toBeInstanceOf(Promise);
    await ends[0]?.buyerGone;
  });
});
