import { describe, expect, it } from 'vitest';
import { DialogRig } from '../support/dialog-rig.ts';

const headers = { 'Content-Type': 'text/plain', Contact: '<sip:us@localhost>' };
const sentTo = (rig: DialogRig): string[] =>
  rig.transport.sent.map(({ message, target }) => `${target.protocol} ${message.headers.get('Via')?.slice(0, 11)}`);

describe('a request above the limit (RFC 3261 §18.1.1)', () => {
  it('goes by TCP, and by UDP as the same request when TCP is refused', () => {
    const rig = new DialogRig({ udpMaxRequestBytes: 1_300 });
    const call = rig.call({ headers, body: 'x'.repeat(1_300) });
    expect(call.invite.headers.get('Contact')).toBe('<sip:us@192.0.2.1:5060;transport=tcp>');
    rig.transport.failLast();
    expect(sentTo(rig)).toEqual(['tcp SIP/2.0/TCP', 'udp SIP/2.0/UDP']);
    const second = rig.transport.lastRequest();
    expect(second.headers.get('Call-ID')).toBe(call.invite.headers.get('Call-ID'));
    expect(second.headers.get('Contact')).toBe('<sip:us@192.0.2.1:5060>');
    rig.receive(rig.reply(second, 200));
    expect(rig.application.take()).toEqual(['200']);
  });

  it('stays on UDP when it is short, and when no limit is set', () => {
    const limited = new DialogRig({ udpMaxRequestBytes: 1_300 });
    limited.call({ headers });
    const unlimited = new DialogRig();
    unlimited.call({ headers, body: 'x'.repeat(5_000) });
    expect([sentTo(limited), sentTo(unlimited)]).toEqual([['udp SIP/2.0/UDP'], ['udp SIP/2.0/UDP']]);
  });
});
