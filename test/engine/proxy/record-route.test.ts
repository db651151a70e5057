import { describe, expect, it } from 'vitest';
import type { SipRequest } from '../../../sip/engine/message/message.ts';
import { request } from '../support/messages.ts';
import { ProxyRig } from '../support/proxy-rig.ts';

const callee = '192.0.2.21';

/** A call through the proxy, answered; the Record-Route values as the caller and the callee see them. */
function call(rig: ProxyRig, uri = `sip:bob@${callee}`, protocol: 'udp' | 'tcp' = 'udp'): string[] {
  rig.proxyNew([uri], { recordRoute: rig.proxy.recordRoute }, { protocol });
  const routes = rig.sentTo(callee).headers.getAll('Record-Route');
  rig.answer(callee, 200, { Contact: `<sip:bob@${callee}>` });
  rig.transport.take();
  return routes;
}

let branches = 0;

/** The caller's, or with `fromCallee` the callee's, next request. */
function inDialog(method: string, routes: readonly string[], fromCallee = false): SipRequest {
  branches += 1;
  const [caller, called] = ['<sip:alice@192.0.2.9>;tag=alice', `<sip:bob@192.0.2.1>;tag=tag-${callee}`];
  const [From, To] = fromCallee ? [called, caller] : [caller, called];
  const message = request(method, { cseq: 2, branch: `z9hG4bKr${branches}`, headers: { From, To } });
  message.uri = fromCallee ? 'sip:alice@192.0.2.9' : `sip:bob@${callee}`;
  for (const route of routes) message.headers.append('Route', route);
  return message;
}

describe('a dialog we remain in (RFC 3261 §16.4, §16.6)', () => {
  it.each(['BYE', 'INVITE', 'INFO', 'UPDATE', 'PRACK'])('has a %s of the caller forwarded by its Route', (method) => {
    const rig = new ProxyRig();
    rig.receive(inDialog(method, call(rig)));
    expect(rig.log()).toContain(`${method} ${callee}`);
    expect(rig.sentTo(callee, method).headers.has('Route')).toBe(false);
    expect(rig.passedOn).toEqual(['INVITE']);
    rig.answer(callee, 200, {}, method);
    expect(rig.transport.lastResponse().status).toBe(200);
    expect(rig.transport.lastResponse().headers.getAll('Via')).toHaveLength(1);
  });

  it('has a BYE of the callee forwarded', () => {
    const rig = new ProxyRig();
    rig.receive(inDialog('BYE', call(rig), true));
    expect(rig.log()).toEqual(['BYE 192.0.2.9']);
  });

  it('has the ACK forwarded without a transaction (§16.11)', () => {
    const rig = new ProxyRig();
    const routes = call(rig);
    const { clients } = rig.layer.size;
    rig.receive(inDialog('ACK', routes));
    expect(rig.log()).toEqual([`ACK ${callee}`]);
    expect(rig.sentTo(callee, 'ACK').headers.getAll('Via')).toHaveLength(2);
    expect(rig.layer.size.clients).toBe(clients);
  });

  it('has an ACK without hops left dropped', () => {
    const rig = new ProxyRig();
    const ack = inDialog('ACK', call(rig));
    ack.headers.set('Max-Forwards', '0');
    rig.receive(ack);
    expect(rig.log()).toEqual([]);
  });

  it('goes on by the further Routes', () => {
    const rig = new ProxyRig();
    rig.receive(inDialog('BYE', [...call(rig), '<sip:192.0.2.30;lr>', '<sip:192.0.2.31;lr>']));
    const bye = rig.sentTo('192.0.2.30', 'BYE');
    expect(bye.uri).toBe(`sip:bob@${callee}`);
    expect(bye.headers.getAll('Route')).toEqual(['<sip:192.0.2.30;lr>', '<sip:192.0.2.31;lr>']);
  });

  it('goes on by a strict router, which wants its own URI in front (§16.6, step 6)', () => {
    const rig = new ProxyRig();
    rig.receive(inDialog('BYE', [...call(rig), '<sip:192.0.2.30>']));
    const bye = rig.sentTo('192.0.2.30', 'BYE');
    expect(bye.uri).toBe('sip:192.0.2.30');
    expect(bye.headers.getAll('Route')).toEqual([`<sip:bob@${callee}>`]);
  });

  it('may come by a strict router, which has put our Route into the Request-URI (§16.4)', () => {
    const rig = new ProxyRig();
    const [own] = call(rig);
    const bye = inDialog('BYE', [`<sip:bob@${callee}>`]);
    bye.uri = own!.slice(1, -1);
    rig.receive(bye);
    expect(rig.sentTo(callee, 'BYE').uri).toBe(`sip:bob@${callee}`);
  });

  it('is recorded twice where it changes transport, and both are taken off (RFC 5658 §3)', () => {
    const rig = new ProxyRig();
    const routes = call(rig, `sip:bob@${callee};transport=tcp`);
    expect(routes).toEqual([
      expect.stringMatching(/^<sip:[0-9a-f]{32}@192\.0\.2\.1:5060;transport=tcp;lr>$/),
      expect.stringMatching(/^<sip:[0-9a-f]{32}@192\.0\.2\.1:5060;lr>$/),
    ]);
    rig.receive(inDialog('BYE', [...routes].reverse()));
    expect(rig.sentTo(callee, 'BYE').headers.has('Route')).toBe(false);
  });

  it('is recorded twice where the two sides know us by different addresses (RFC 5658 §3)', () => {
    const rig = new ProxyRig();
    const [inside] = rig.transport.listeningPoints;
    rig.transport.listeningPointFor = (target) =>
      target.address === callee ? { ...inside!, advertisedAddress: '198.51.100.7' } : { ...inside! };
    const routes = call(rig);
    expect(routes.map((route) => route.split('@')[1])).toEqual(['198.51.100.7:5060;lr>', '192.0.2.1:5060;lr>']);
    rig.receive(inDialog('BYE', routes, true));
    expect(rig.log()).toEqual(['BYE 192.0.2.9']);
    expect(rig.sentTo('192.0.2.9', 'BYE').headers.has('Route')).toBe(false);
  });

  it.each([
    ['another Call-ID', (bye: SipRequest) => bye.headers.set('Call-ID', 'call-2')],
    ['other tags', (bye: SipRequest) => bye.headers.set('From', '<sip:alice@192.0.2.9>;tag=eve')],
    ['no To tag', (bye: SipRequest) => bye.headers.set('To', '<sip:bob@192.0.2.1>')],
    ['a token made up', (bye: SipRequest) => bye.headers.set('Route', `<sip:${'a'.repeat(32)}@192.0.2.1:5060;lr>`)],
    ['no token', (bye: SipRequest) => bye.headers.set('Route', '<sip:192.0.2.1:5060;lr>')],
    ['a Route of somebody else', (bye: SipRequest) => bye.headers.set('Route', '<sip:192.0.2.30;lr>')],
    ['a Route that is none', (bye: SipRequest) => bye.headers.set('Route', '<<>>')],
    [
      'our token at another port',
      (bye: SipRequest) => bye.headers.set('Route', bye.headers.get('Route')!.replace(':5060', ':5062')),
    ],
    [
      'our token at another host',
      (bye: SipRequest) => bye.headers.set('Route', bye.headers.get('Route')!.replace('192.0.2.1:5060', '192.0.2.30')),
    ],
  ])("with %s a request is not forwarded but somebody else's", (_, change) => {
    const rig = new ProxyRig();
    const bye = inDialog('BYE', call(rig));
    change(bye);
    rig.receive(bye);
    expect(rig.log()).toEqual([]);
    expect(rig.passedOn).toEqual(['INVITE', 'BYE']);
  });

  it.each(['<<>>', '<http://x>', 'sip:'])('whose further Route is %s gets 400', (route) => {
    const rig = new ProxyRig();
    rig.receive(inDialog('BYE', [...call(rig), route]));
    expect(rig.transport.lastResponse().status).toBe(400);
    expect(rig.errors).toEqual([]);
  });

  it('knows no token of another process', () => {
    const [rig, other] = [new ProxyRig(), new ProxyRig()];
    other.receive(inDialog('BYE', call(rig)));
    expect(other.passedOn).toEqual(['BYE']);
  });
});
