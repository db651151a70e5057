import { describe, expect, it } from 'vitest';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { request } from '../support/messages.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const [a, b, c] = ['192.0.2.21', '192.0.2.22', '192.0.2.23'] as const;
const uris = [a, b, c].map((address) => `sip:${address}`);
const [toA, toB] = uris as [string, string, string];

describe('a proxied INVITE (RFC 3261 §16)', () => {
  it('adds Max-Forwards when there is none (§16.6, step 3)', () => {
    const rig = new ProxyRig();
    const message = request('INVITE');
    message.headers.remove('Max-Forwards');
    rig.receive(message);
    rig.proxyLast([toA]);
    expect(rig.sentTo(a).headers.get('Max-Forwards')).toBe('70');
  });

  it.each([
    ['Max-Forwards', '0', 483],
    ['Max-Forwards', 'many', 400],
    ['Proxy-Require', 'foo, bar', 420],
  ])('with %s: %s gets %d and goes nowhere (§16.3)', (name, value, status) => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], {}, { headers: { [name]: value } });
    expect(rig.log()).toEqual([`${status}`]);
    expect(rig.transport.lastResponse().headers.get('Unsupported')).toBe(status === 420 ? 'foo, bar' : undefined);
    expect(rig.events).toEqual([`${status}`, 'done']);
  });

  it('drops Routes of the caller: the application says where to', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], {}, { headers: { Route: '<sip:192.0.2.99;lr>' } });
    expect(rig.sentTo(a).headers.has('Route')).toBe(false);
  });

  it('gets 408 after 64·T1 of silence from all (§16.8)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB]);
    rig.clock.advance(65_000);
    expect(rig.transport.lastResponse().status).toBe(408);
    expect(rig.events).toEqual(['408', '408', 'done']);
    rig.clock.advance(70_000);
    expect(rig.tables).toBe(0);
  });

  it('cancels a branch that has rung for more than three minutes (timer C, §16.8)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA]);
    rig.answer(a, 180);
    rig.clock.advance(180_000);
    rig.answer(a, 180);
    rig.clock.advance(184_000);
    expect(rig.events).toEqual([]);
    rig.clock.advance(1_100);
    expect(rig.log()).toContain(`CANCEL ${a}`);
    expect(rig.events).toEqual(['408', 'done']);
    rig.answer(a, 487);
    rig.clock.advance(40_000);
    expect(rig.tables).toBe(0);
  });

  it('is sent once to each URI, redirects in circles end (§16.5)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], { followsRedirects: true });
    rig.answer(a, 302, { Contact: `<sip:bob@${b}>` });
    rig.answer(b, 302, { Contact: `<sip:bob@${a}>` });
    expect(rig.log().filter((each) => each.startsWith('INVITE'))).toEqual([`INVITE ${a}`, `INVITE ${b}`]);
    expect(rig.transport.lastResponse().status).toBe(302);
    expect(rig.events).toEqual(['302', '302', 'done']);
  });

  it('is sent to twenty destinations at most', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], { followsRedirects: true });
    const contacts = Array.from({ length: 50 }, (_, n) => `<sip:bob@192.0.2.${n + 100}>`).join(', ');
    rig.answer(a, 302, { Contact: contacts });
    for (let n = 0; n < 50; n += 1) {
      if (rig.events.length === 0) rig.answer(`192.0.2.${n + 100}`, 404);
    }
    expect(rig.log().filter((each) => each.startsWith('INVITE'))).toHaveLength(20);
    expect(rig.transport.lastResponse().status).toBe(404);
  });

  it('goes nowhere else after a 6xx (§16.7, step 5)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB]);
    rig.answer(a, 603);
    expect(rig.transport.lastResponse().status).toBe(603);
    expect(rig.log()).not.toContain(`INVITE ${b}`);
    expect(rig.events).toEqual(['603', 'done']);
  });

  it('waits for the cancelled others before it passes on a 6xx', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB], { isParallel: true });
    rig.answer(b, 180);
    rig.answer(a, 603);
    expect(rig.log()).not.toContain('603');
    rig.answer(b, 487);
    expect(rig.transport.lastResponse().status).toBe(603);
    expect(rig.events).toEqual(['487', '603', 'done']);
  });

  it('has a 2xx that overtakes the CANCEL of its branch handed to the caller too', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB], { isParallel: true });
    rig.answer(a, 180);
    rig.answer(b, 180);
    rig.answer(a, 200);
    expect(rig.log()).toContain(`CANCEL ${b}`);
    rig.answer(b, 200);
    rig.answer(b, 200);
    expect(rig.log().filter((each) => each === '200')).toHaveLength(3);
    expect(rig.transport.lastResponse().headers.get('To')).toContain(`tag-${b}`);
    expect(rig.events).toEqual(['200', 'done']);
    rig.clock.advance(70_000);
    expect(rig.tables).toBe(0);
  });

  it('has the 200 of a branch that was given up already handed on, and the present one cancelled', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB], { provisionalMs: 1_000 });
    rig.clock.advance(1_010);
    rig.answer(b, 180);
    rig.answer(a, 200);
    expect(rig.log()).toContain('200');
    expect(rig.log()).toContain(`CANCEL ${b}`);
    expect(rig.events).toEqual(['408', '200', 'done']);
  });

  it('is taken back from a branch that was given up as soon as that rings (§9.1)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB], { provisionalMs: 1_000 });
    rig.clock.advance(1_010);
    expect(rig.log()).not.toContain(`CANCEL ${a}`);
    rig.answer(a, 180);
    expect(rig.log()).toContain(`CANCEL ${a}`);
    expect(rig.log()).not.toContain('180');
  });

  it('has the transport failure of a branch counted as its 503, told as 500 (§16.9, §16.7)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA]);
    rig.transport.failLast();
    expect(rig.transport.lastResponse().status).toBe(500);
    expect(rig.events).toEqual(['503', 'done']);
  });

  it('tries the other targets of a name before the next destination (RFC 3263 §4.3)', async () => {
    const rig = new ProxyRig();
    const target = (address: string): Target => ({ protocol: 'udp', address, port: 5060 });
    rig.names.set('sip:carrier.example', [target(a), target(b)]);
    rig.proxyNew(['sip:carrier.example', `sip:${c}`]);
    await new Promise((resolve) => setImmediate(resolve));
    rig.answer(a, 503);
    rig.answer(b, 486);
    rig.answer(c, 200);
    expect(rig.log().filter((each) => each.startsWith('INVITE'))).toEqual([
      `INVITE ${a}`,
      `INVITE ${b}`,
      `INVITE ${c}`,
    ]);
    expect(rig.events).toEqual(['486', '200', 'done']);
  });

  it('answered late by a target it was taken from is cancelled at the present one', async () => {
    const rig = new ProxyRig();
    const target = (address: string): Target => ({ protocol: 'udp', address, port: 5060 });
    rig.names.set('sip:carrier.example', [target(a), target(b)]);
    rig.proxyNew(['sip:carrier.example']);
    await new Promise((resolve) => setImmediate(resolve));
    rig.clock.advance(32_100);
    rig.answer(b, 180);
    rig.answer(a, 200);
    expect(rig.log().slice(-2)).toEqual([`CANCEL ${b}`, '200']);
    rig.answer(b, 487);
    expect(rig.events).toEqual(['200', 'done']);
    rig.clock.advance(100_000);
    expect(rig.tables).toBe(0);
  });

  it('cancelled while a name is looked up is answered 487 and not sent', async () => {
    const rig = new ProxyRig();
    rig.names.set('sip:carrier.example', [{ protocol: 'udp', address: a, port: 5060 }]);
    rig.proxyNew(['sip:carrier.example']);
    rig.receive(request('CANCEL'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(rig.log()).toEqual(['200', '487']);
    expect(rig.events).toEqual(['487', 'done']);
  });

  it('that has gone round in a circle is refused 482, one that comes back with another URI is not (§16.3, step 4)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA]);
    const forwarded = rig.sentTo(a);
    const looped = { ...forwarded, uri: 'sip:bob@192.0.2.1', headers: forwarded.headers.clone() };
    looped.headers.prepend('Via', `SIP/2.0/UDP ${a}:5060;branch=z9hG4bKloop`);
    rig.receive(looped, { remoteAddress: a });
    expect(rig.transport.lastResponse().status).toBe(482);
    expect(rig.passedOn).toEqual(['INVITE']);
    const spiral = { ...looped, uri: 'sip:carol@192.0.2.1', headers: looped.headers.clone() };
    spiral.headers.replaceFirst('Via', `SIP/2.0/UDP ${a}:5060;branch=z9hG4bKspiral`);
    rig.receive(spiral, { remoteAddress: a });
    expect(rig.passedOn).toEqual(['INVITE', 'INVITE']);
  });

  it('that comes a second time on another path has not been here before', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA]);
    rig.receive(request('INVITE', { branch: 'z9hG4bKotherpath' }));
    expect(rig.passedOn).toEqual(['INVITE', 'INVITE']);
  });
});

describe('another proxied request', () => {
  it('has its final response handed on, no provisional one (RFC 4320 §4.1)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], {}, { method: 'MESSAGE' });
    rig.answer(a, 180, {}, 'MESSAGE');
    rig.answer(a, 202, {}, 'MESSAGE');
    expect(rig.log()).toEqual([`MESSAGE ${a}`, '202']);
    expect(rig.events).toEqual(['202', 'done']);
  });

  it('is not answered at all when nobody answers: it would be too late (RFC 4320 §4.2)', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA], {}, { method: 'MESSAGE' });
    rig.clock.advance(33_000);
    expect(rig.log().some((each) => /^\d/.test(each))).toBe(false);
    expect(rig.events).toEqual(['408', 'done']);
    expect(rig.tables).toBe(0);
  });

  it('forked has one answer', () => {
    const rig = new ProxyRig();
    rig.proxyNew([toA, toB], { isParallel: true }, { method: 'MESSAGE' });
    rig.answer(a, 200, {}, 'MESSAGE');
    rig.answer(b, 200, {}, 'MESSAGE');
    expect(rig.log().filter((each) => each === '200')).toHaveLength(1);
  });
});
