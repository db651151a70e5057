import { describe, expect, it } from 'vitest';
import { DialogRig } from '../support/dialog-rig.ts';
import { request } from '../support/messages.ts';

const to = (uri: string, method: string) => ({ ...request(method), uri });

describe('the Request-URI (RFC 3261 §8.2.2.1)', () => {
  for (const method of ['INVITE', 'OPTIONS']) {
    it.each([
      ['http://example.com', '416'],
      ['urn:service:sos', '416'],
      ['sip:2001:db8::10', '400'],
      ['sip:a@b@c', '400'],
      ['bob', '400'],
    ])(`of a new ${method} may not be %s: %i`, (uri, status) => {
      const rig = new DialogRig();
      rig.receive(to(uri, method));
      expect(rig.transport.take().at(-1)).toBe(status);
      expect(rig.application.take()).toEqual([]);
      expect(rig.agent.dialogs.size + rig.agent.incoming.size).toBe(0);
    });

    it.each([
      'sip:bob@192.0.2.1',
      'sips:h',
      'SIP:h;transport=UDP',
      'tel:+12015550123',
      'sip:sip:user@h',
      'sip:[::1]:5060',
    ])(`of a new ${method} may be %s`, (uri) => {
      const rig = new DialogRig();
      rig.receive(to(uri, method));
      expect(rig.application.take()).toEqual([method]);
    });
  }

  it('may be anything inside a dialog, where it plays no part (RFC 3261 §12.2.2)', () => {
    const rig = new DialogRig();
    const { localTag } = rig.confirmedCall();
    rig.receive({ ...request('INFO', { toTag: localTag, cseq: 2, branch: 'z9hG4bKinfo' }), uri: 'http://example.com' });
    expect(rig.application.take()).toEqual(['INFO']);
  });

  it('does not keep a CANCEL from its INVITE', () => {
    const rig = new DialogRig();
    rig.receive(request('INVITE'));
    rig.receive(to('http://example.com', 'CANCEL'));
    expect(rig.application.take()).toEqual(['INVITE', 'CANCEL']);
  });
});

describe('a branch that is the bare cookie (RFC 4475 §3.2.1)', () => {
  it('does not make two requests one', () => {
    const rig = new DialogRig();
    for (const callId of ['one', 'two']) {
      rig.receive(request('OPTIONS', { branch: 'z9hG4bK', headers: { 'Call-ID': callId } }));
    }
    expect(rig.application.take()).toEqual(['OPTIONS', 'OPTIONS']);
  });

  it('lets the copies of one request be one', () => {
    const rig = new DialogRig();
    for (let n = 0; n < 2; n += 1) rig.receive(request('OPTIONS', { branch: 'z9hG4bK' }));
    expect(rig.application.take()).toEqual(['OPTIONS']);
  });
});
