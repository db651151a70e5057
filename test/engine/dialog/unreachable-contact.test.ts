import { describe, expect, it } from 'vitest';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const contact = { Contact: '<sip:alice@[2001:db8::1];transport=udp>' };
const ack = (toTag: string) => request('ACK', { toTag, branch: 'z9hG4bKack', protocol: 'tcp' });

describe('a Contact of an address family we do not listen on', () => {
  it('does not keep the application from hanging up: the BYE goes where the peer was heard', () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall(contact, 'tcp');
    rig.receive(ack(localTag), 'tcp');
    rig.settle();
    void rig.agent.requestInDialog(dialogId, draft('BYE'));
    expect(rig.transport.sent.at(-1)?.target).toMatchObject({ protocol: 'tcp', address: '192.0.2.9', port: 5060 });
    expect(rig.transport.take()).toEqual(['BYE']);
    rig.clock.advance(40_000);
    expect(rig.tables).toBe(0);
  });

  it('lets a BYE that waited for the ACK go when none comes (RFC 3261 §15)', async () => {
    const rig = new DialogRig();
    const { dialogId } = rig.answeredCall(contact, 'tcp');
    const sent = rig.agent.requestInDialog(dialogId, draft('BYE'));
    rig.transport.take();
    rig.clock.advance(33_000);
    await sent;
    expect(rig.transport.take()).toEqual(['BYE']);
    rig.clock.advance(40_000);
    expect(rig.tables).toBe(0);
  });
});

describe('a BYE that waited for the ACK and cannot be sent', () => {
  it('is refused to the application instead of tripping who let it go', async () => {
    const rig = new DialogRig();
    const { localTag, dialogId } = rig.answeredCall({}, 'tcp');
    const sent = rig.agent.requestInDialog(dialogId, draft('BYE')) as Promise<unknown>;
    const outcome = sent.then(
      () => 'sent',
      (error: Error) => error.message,
    );
    rig.transport.listeningPointFor = () => undefined;
    rig.receive(ack(localTag), 'tcp');
    expect(await outcome).toBe('no transport for the requested protocol');
  });
});
