import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../sip/engine/transport/transport.ts';
import { request, response } from '../support/messages.ts';
import { TransactionRig } from '../support/transaction-rig.ts';

const setUp = (protocol: Protocol = 'udp') => {
  const rig = new TransactionRig();
  const options = request('OPTIONS', { protocol });
  rig.receive(options, protocol);
  const tx = rig.other!;
  return {
    rig,
    respond: (status: number) => tx.respond(response(options, status)),
    repeat: () => rig.receive(request('OPTIONS', { protocol }), protocol),
  };
};

describe('non-INVITE server transaction (RFC 3261 §17.2.2)', () => {
  it('sends nothing by itself and swallows the request until it is answered', () => {
    const { rig, repeat } = setUp();
    repeat();
    expect(rig.transport.take()).toEqual([]);
    expect(rig.requests).toHaveLength(1);
  });

  it('answers a repeated request with the same response for 64·T1 (timer J)', () => {
    const { rig, respond, repeat } = setUp();
    respond(200);
    repeat();
    expect(rig.transport.take()).toEqual(['200', '200']);
    rig.clock.advance(31_980);
    repeat();
    expect(rig.transport.take()).toEqual(['200']);
    rig.clock.advance(40);
    expect(rig.size).toBe(0);
  });

  it('does not linger over TCP (timer J is zero)', () => {
    const { rig, respond } = setUp('tcp');
    respond(200);
    expect(rig.size).toBe(0);
  });

  it('tells requests apart by branch, sent-by and method (§17.2.3)', () => {
    const { rig } = setUp();
    rig.receive(request('OPTIONS', { branch: 'z9hG4bKother' }));
    rig.receive(request('INFO'));
    const elsewhere = request('OPTIONS');
    elsewhere.headers.set('Via', 'SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKpeer1');
    rig.receive(elsewhere);
    expect(rig.requests).toHaveLength(4);
  });

  it('recognises a repeated request without the magic cookie by Call-ID, CSeq and From tag', () => {
    const { rig } = setUp();
    rig.receive(request('INFO', { branch: '1' }));
    rig.receive(request('INFO', { branch: '1' }));
    rig.receive(request('INFO', { branch: '1', cseq: 2 }));
    expect(rig.requests.map(({ method }) => method)).toEqual(['OPTIONS', 'INFO', 'INFO']);
  });
});
