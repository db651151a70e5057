import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import type { Target } from '../../../sip/engine/transport/transport.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';

const udp = (address: string): Target => ({ protocol: 'udp', address, port: 5060 });
const tcp = (address: string): Target => ({ protocol: 'tcp', address, port: 5060 });

/** A request of the application to a name that stands for these targets. */
async function request(method: string, targets: readonly Target[]): Promise<{ rig: DialogRig; sent: Sent }> {
  const rig = new DialogRig({ resolve: async () => [...targets] });
  const headers = { Contact: '<sip:us@localhost>' };
  const sent = await rig.agent.request(draft(method, 'sip:bob@many.example.com', headers), rig.application);
  return { rig, sent };
}

const sentTo = (rig: DialogRig): string[] =>
  rig.transport.sent.map(
    ({ message, target }) => `${message.kind === 'request' ? message.method : ''} ${target.protocol} ${target.address}`,
  );

const answer = (rig: DialogRig, status: number): void => rig.receive(rig.reply(rig.transport.lastRequest(), status));

describe.each(['INVITE', 'OPTIONS'])('%s to a name with several addresses (RFC 3263 §4.3)', (method) => {
  it('goes to the next when the network refuses, under a new branch, as the same request', async () => {
    const { rig } = await request(method, [udp('192.0.2.10'), udp('192.0.2.11')]);
    const first = rig.transport.lastRequest();
    rig.transport.failLast();
    const second = rig.transport.lastRequest();
    expect(sentTo(rig)).toEqual([`${method} udp 192.0.2.10`, `${method} udp 192.0.2.11`]);
    for (const name of ['From', 'To', 'Call-ID', 'CSeq'])
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    expect(second.headers.getAll('Via')).toHaveLength(1);
    expect(second.headers.get('Via')).not.toBe(first.headers.get('Via'));
    answer(rig, 200);
    expect(rig.application.take()).toEqual(['200']);
  });

  it('goes to the next when the first answers 503 or nothing at all; the application hears of the last only', async () => {
    const { rig, sent } = await request(method, [udp('192.0.2.10'), udp('192.0.2.11'), udp('192.0.2.12')]);
    answer(rig, 503);
    rig.clock.advance(32_100);
    expect(sentTo(rig).at(-1)).toBe(`${method} udp 192.0.2.12`);
    expect(rig.application.take()).toEqual([]);
    answer(rig, 503);
    expect(rig.application.take()).toEqual(['503']);
    expect(rig.application.ids.at(-1)?.transactionId).toBe(sent.transactionId);
  });

  it('goes on with the next when the first, given up already, answers all the same', async () => {
    const { rig } = await request(method, [udp('192.0.2.10'), udp('192.0.2.11')]);
    const first = rig.transport.lastRequest();
    rig.clock.advance(32_100);
    for (const status of [180, 200, 200]) rig.receive(rig.reply(first, status));
    expect(rig.application.take()).toEqual([]);
    answer(rig, 486);
    expect(rig.application.take()).toEqual(['486']);
  });

  it('says where it is sent from in each', async () => {
    const { rig } = await request(method, [udp('192.0.2.10'), tcp('192.0.2.10')]);
    rig.transport.failLast();
    expect(rig.transport.lastRequest().headers.get('Via')).toMatch(/^SIP\/2\.0\/TCP /);
    expect(rig.transport.lastRequest().headers.get('Contact')).toBe('<sip:us@192.0.2.1:5060;transport=tcp>');
  });

  it('stays where it was answered, whatever the answer', async () => {
    const { rig } = await request(method, [udp('192.0.2.10'), udp('192.0.2.11')]);
    answer(rig, 486);
    expect(rig.application.take()).toEqual(['486']);
  });

  it('begins with the first that we can send to and that is not ourselves', async () => {
    const [self, far] = [udp('192.0.2.1'), { ...udp('192.0.2.10'), protocol: 'tls' as const }];
    expect(sentTo((await request(method, [far, self, udp('192.0.2.11')])).rig)).toEqual([`${method} udp 192.0.2.11`]);
    await expect(request(method, [far, self])).rejects.toThrow('address of this server');
    await expect(request(method, [far])).rejects.toThrow('no transport');
  });

  it('is not tried again for an application that has left', async () => {
    const { rig } = await request(method, [udp('192.0.2.10'), udp('192.0.2.11')]);
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    rig.transport.failLast();
    expect(sentTo(rig)).toEqual([`${method} udp 192.0.2.10`]);
  });

  it('is not sent at all for an application that left during the look-up', async () => {
    const rig = new DialogRig({ resolve: async () => [udp('192.0.2.10')] });
    const sent = rig.agent.request(draft(method, 'sip:bob@carrier.example'), rig.application);
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    await expect(sent).rejects.toThrow('has left');
    expect([sentTo(rig), rig.tables]).toEqual([[], 0]);
  });

  it('tries five at most', async () => {
    const { rig } = await request(
      method,
      Array.from({ length: 20 }, (_, n) => udp(`192.0.2.${n + 10}`)),
    );
    for (let n = 0; n < 8; n += 1) rig.transport.failLast();
    expect(sentTo(rig)).toHaveLength(5);
    expect(rig.application.take()).toEqual(['503']);
    rig.clock.advance(64_000);
    expect(rig.tables).toBe(0);
  });
});

describe('an INVITE to a name with several addresses', () => {
  const two = [udp('192.0.2.10'), udp('192.0.2.11')];

  it('stays with who has rung', async () => {
    const { rig } = await request('INVITE', two);
    answer(rig, 180);
    answer(rig, 503);
    expect(rig.application.take()).toEqual(['180', '503']);
  });

  it('is not tried again once cancelled; the CANCEL goes to the address in turn', async () => {
    const { rig, sent } = await request('INVITE', two);
    answer(rig, 503);
    rig.agent.cancel(sent.transactionId, draft('CANCEL'));
    answer(rig, 100);
    expect(sentTo(rig).at(-1)).toBe('CANCEL udp 192.0.2.11');
    const invite = rig.transport.sent.at(-2)!.message;
    expect(rig.transport.lastRequest().headers.get('Via')).toBe(invite.headers.get('Via'));
    rig.clock.advance(33_000);
    expect(rig.application.take()).toEqual(['487']);
  });

  it('makes one dialog, with who answered', async () => {
    const { rig, sent } = await request('INVITE', two);
    rig.transport.failLast();
    const ok = rig.reply(rig.transport.lastRequest(), 200);
    ok.headers.append('Contact', '<sip:bob@192.0.2.11>');
    rig.receive(ok);
    void rig.agent.requestInDialog(sent.dialogId, draft('ACK'));
    expect(rig.transport.lastRequest()).toMatchObject({ method: 'ACK', uri: 'sip:bob@192.0.2.11' });
    expect(rig.agent.dialogs.size).toBe(1);
  });
});
