import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../sip/engine/transport/transport.ts';
import { request, response } from '../support/messages.ts';
import { TransactionRig } from '../support/transaction-rig.ts';

const setUp = (protocol: Protocol = 'udp') => {
  const rig = new TransactionRig();
  const invite = request('INVITE', { protocol });
  rig.receive(invite, protocol);
  const tx = rig.invite!;
  const ack = request('ACK', { protocol, toTag: 'bob' });
  return {
    rig,
    respond: (status: number) => tx.respond(response(invite, status)),
    repeat: () => rig.receive(request('INVITE', { protocol }), protocol),
    acknowledge: () => rig.receive(ack, protocol),
  };
};

describe('INVITE server transaction (RFC 3261 §17.2.1)', () => {
  it('answers 100 at once, without a To tag (§8.2.6.1)', () => {
    const { rig } = setUp();
    expect(rig.transport.lastResponse().status).toBe(100);
    expect(rig.transport.lastResponse().headers.get('To')).toBe('<sip:bob@192.0.2.1>');
  });

  it('copies the Timestamp into the 100 (§8.2.6.1)', () => {
    const rig = new TransactionRig();
    rig.receive(request('INVITE', { headers: { Timestamp: '54.2' } }));
    expect(rig.transport.lastResponse().headers.get('Timestamp')).toBe('54.2');
  });

  it('answers a repeated INVITE with the last provisional response and tells nobody', () => {
    const { rig, respond, repeat } = setUp();
    repeat();
    expect(rig.transport.take()).toEqual(['100', '100']);
    respond(180);
    repeat();
    expect(rig.transport.take()).toEqual(['180', '180']);
    expect(rig.requests).toHaveLength(1);
  });

  it('resends a 486 at T1, 2·T1 … capped at T2 until 64·T1 (timers G and H, §17.2.1)', () => {
    const { rig, respond } = setUp();
    respond(486);
    const times = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(rig.watch(60_000)).toEqual(times.map((at) => `486@${at}`));
    expect(rig.size).toBe(0);
  });

  it('stops resending at the ACK, which goes no further, and lingers T4 (timer I)', () => {
    const { rig, respond, acknowledge } = setUp();
    respond(486);
    acknowledge();
    acknowledge();
    expect(rig.watch(4990)).toEqual([]);
    expect(rig.requests.map(({ method }) => method)).toEqual(['INVITE']);
    expect(rig.size).toBe(1);
    rig.clock.advance(30);
    expect(rig.size).toBe(0);
  });

  it('swallows an INVITE that was underway when its 486 was acknowledged', () => {
    const { rig, respond, repeat, acknowledge } = setUp();
    respond(486);
    acknowledge();
    rig.transport.take();
    repeat();
    expect(rig.transport.take()).toEqual([]);
    expect(rig.requests).toHaveLength(1);
  });

  it('does not resend a 486 over TCP, and ends with the ACK (timers G and I)', () => {
    const { rig, respond, acknowledge } = setUp('tcp');
    respond(486);
    expect(rig.watch(10_000)).toEqual([]);
    acknowledge();
    expect(rig.size).toBe(0);
  });

  it('leaves a 2xx to the layer above, swallows INVITEs for 64·T1 and passes the ACK up (RFC 6026 §7.1, timer L)', () => {
    const { rig, respond, repeat, acknowledge } = setUp();
    respond(200);
    expect(rig.watch(10_000)).toEqual([]);
    repeat();
    expect(rig.transport.take()).toEqual([]);
    acknowledge();
    expect(rig.requests.map(({ method }) => method)).toEqual(['INVITE', 'ACK']);
    rig.clock.advance(22_020);
    expect(rig.size).toBe(0);
  });
});

describe('CANCEL (RFC 3261 §9.2)', () => {
  it('is answered 200 with the tag of the INVITE and told to its user', () => {
    const { rig } = setUp();
    const told: string[] = [];
    rig.invite!.user = { toTag: 'ours', onCancel: (cancel) => told.push(cancel.method) };
    rig.transport.take();
    rig.receive(request('CANCEL'));
    expect(rig.transport.lastResponse().headers.get('To')).toContain(';tag=ours');
    expect(rig.transport.take()).toEqual(['200']);
    expect(told).toEqual(['CANCEL']);
  });

  it('has no effect after the final response', () => {
    const { rig, respond } = setUp();
    const told: string[] = [];
    rig.invite!.user = { toTag: 'ours', onCancel: (cancel) => told.push(cancel.method) };
    respond(200);
    rig.transport.take();
    rig.receive(request('CANCEL'));
    expect(rig.transport.take()).toEqual(['200']);
    expect(told).toEqual([]);
  });

  it('is answered 481 when there is no such INVITE', () => {
    const { rig } = setUp();
    rig.transport.take();
    rig.receive(request('CANCEL', { branch: 'z9hG4bKunknown' }));
    expect(rig.transport.take()).toEqual(['481']);
  });

  it('is answered again when repeated', () => {
    const { rig } = setUp();
    rig.transport.take();
    rig.receive(request('CANCEL', { branch: 'z9hG4bKunknown' }));
    rig.receive(request('CANCEL', { branch: 'z9hG4bKunknown' }));
    expect(rig.transport.take()).toEqual(['481', '481']);
  });
});
