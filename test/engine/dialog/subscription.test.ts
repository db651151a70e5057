import { describe, expect, it } from 'vitest';
import type { Sent } from '../../../sip/engine/dialog/application.ts';
import { dialogIdOf } from '../../../sip/engine/dialog/dialog-id.ts';
import type { SipRequest } from '../../../sip/engine/message/message.ts';
import { DialogRig, draft } from '../support/dialog-rig.ts';
import { request, response } from '../support/messages.ts';

const presence = { Event: 'presence', Expires: '60' };
let branches = 0;
const branch = () => {
  branches += 1;
  return `z9hG4bKs${branches}`;
};

/** The peer subscribes and the application accepts. */
function subscribed(rig: DialogRig, headers: Record<string, string> = presence): { dialogId: string; toTag: string } {
  rig.receive(request('SUBSCRIBE', { headers, branch: branch() }));
  const { dialogId } = rig.respond(202);
  return { dialogId, toTag: rig.localTag() };
}

const notify = (rig: DialogRig, dialogId: string, state: string, event = 'presence') =>
  rig.agent.requestInDialog(
    dialogId,
    draft('NOTIFY', undefined, { Event: event, 'Subscription-State': state }),
  ) as Sent;

/** The peer answers our last request. */
const answer = (rig: DialogRig, status: number, headers: Record<string, string> = {}) => {
  const message = response(rig.transport.lastRequest(), status);
  for (const [name, value] of Object.entries(headers)) message.headers.append(name, value);
  rig.receive(message);
};

describe('a subscription of the peer (RFC 6665 §4.2)', () => {
  it('becomes a dialog with the 2xx of the application, in which it notifies', () => {
    const rig = new DialogRig();
    const { dialogId, toTag } = subscribed(rig);
    expect(dialogId).toBe('call-1;from-tag=alice');
    expect(rig.transport.lastResponse().headers.get('Contact')).toBe('<sip:192.0.2.1:5060>');
    expect(rig.transport.lastResponse().headers.get('Expires')).toBe('60');
    notify(rig, dialogId, 'active;expires=60');
    const sent = rig.transport.lastRequest();
    expect([sent.method, sent.uri]).toEqual(['NOTIFY', 'sip:alice@192.0.2.9:5060']);
    expect(sent.headers.get('From')).toContain(`;tag=${toTag}`);
    expect(sent.headers.get('To')).toContain(';tag=alice');
    answer(rig, 200);
    expect(rig.application.take()).toEqual(['SUBSCRIBE', '200']);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(dialogId);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('leaves no dialog when the application refuses', () => {
    const rig = new DialogRig();
    rig.receive(request('SUBSCRIBE', { headers: presence }));
    rig.respond(403);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('keeps the Expires the application grants', () => {
    const rig = new DialogRig();
    rig.receive(request('SUBSCRIBE', { headers: presence }));
    rig.respond(200, { Expires: '30' });
    expect(rig.transport.lastResponse().headers.getAll('Expires')).toEqual(['30']);
    rig.clock.advance(30_000 + 31_000);
    expect(rig.agent.dialogs.size).toBe(1);
    rig.clock.advance(2_000);
    expect(rig.tables).toBe(0);
  });

  it('is refreshed inside the dialog, target included', () => {
    const rig = new DialogRig();
    const { dialogId, toTag } = subscribed(rig);
    rig.clock.advance(50_000);
    rig.receive(
      request('SUBSCRIBE', {
        toTag,
        cseq: 2,
        branch: branch(),
        headers: { ...presence, Contact: '<sip:alice@192.0.2.9:5060;moved>' },
      }),
    );
    expect(rig.application.ids.at(-1)?.dialogId).toBe(dialogId);
    expect(rig.respond(200).dialogId).toBe(dialogId);
    rig.clock.advance(80_000);
    expect(rig.agent.dialogs.size).toBe(1);
    notify(rig, dialogId, 'active');
    expect(rig.transport.lastRequest().uri).toBe('sip:alice@192.0.2.9:5060;moved');
  });

  it.each([
    ['200', 200],
    ['481', 481],
  ])('ends when a NOTIFY terminated has its answer %s', (_, status) => {
    const rig = new DialogRig();
    const { dialogId } = subscribed(rig);
    notify(rig, dialogId, 'terminated;reason=noresource');
    expect(rig.agent.dialogs.size).toBe(1);
    answer(rig, status);
    expect(rig.agent.dialogs.size).toBe(0);
    expect(rig.application.take().at(-1)).toBe(`${status}`);
  });

  it('outlives a challenge of its last NOTIFY (RFC 3261 §22)', () => {
    const rig = new DialogRig();
    const { dialogId } = subscribed(rig);
    notify(rig, dialogId, 'terminated');
    answer(rig, 407);
    notify(rig, dialogId, 'terminated');
    answer(rig, 200);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it.each([
    [481, 0],
    [489, 0],
    [500, 1],
    [486, 1],
  ])('after a NOTIFY answered %d there are %d dialogs (§4.2.2)', (status, left) => {
    const rig = new DialogRig();
    const { dialogId } = subscribed(rig);
    notify(rig, dialogId, 'active');
    answer(rig, status);
    expect(rig.agent.dialogs.size).toBe(left);
  });

  it('ends when nobody answers its NOTIFY (§4.2.2)', () => {
    const rig = new DialogRig();
    const { dialogId } = subscribed(rig, { Event: 'presence', Expires: '3600' });
    notify(rig, dialogId, 'active');
    rig.clock.advance(32_020);
    expect(rig.application.take().at(-1)).toBe('408');
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('shares its dialog with a second event until both have ended (§4.4.1)', () => {
    const rig = new DialogRig();
    const { dialogId, toTag } = subscribed(rig);
    const second = { Event: 'presence;id=7', Expires: '60' };
    rig.receive(request('SUBSCRIBE', { toTag, cseq: 2, branch: branch(), headers: second }));
    rig.respond(200);
    notify(rig, dialogId, 'terminated');
    answer(rig, 200);
    expect(rig.agent.dialogs.size).toBe(1);
    notify(rig, dialogId, 'terminated', 'presence;id=7');
    answer(rig, 200);
    expect(rig.tables).toBeGreaterThan(0);
    rig.clock.advance(40_000);
    expect(rig.tables).toBe(0);
  });

  it('is told "deactivated" when its application is lost (§4.1.3)', () => {
    const rig = new DialogRig();
    subscribed(rig);
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    const last = rig.transport.lastRequest();
    expect([last.method, last.headers.get('Event'), last.headers.get('Subscription-State')]).toEqual([
      'NOTIFY',
      'presence',
      'terminated;reason=deactivated',
    ]);
    answer(rig, 200);
    rig.clock.advance(40_000);
    expect(rig.tables).toBe(0);
  });

  it('is no call: a BYE in it gets 481', () => {
    const rig = new DialogRig();
    const { toTag } = subscribed(rig);
    rig.receive(request('BYE', { toTag, cseq: 2, branch: branch() }));
    expect(rig.transport.lastResponse().status).toBe(481);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('comes twice, on two paths: the second gets 482 (RFC 3261 §8.2.2.2)', () => {
    const rig = new DialogRig();
    subscribed(rig);
    rig.receive(request('SUBSCRIBE', { headers: presence, branch: branch() }));
    expect(rig.transport.lastResponse().status).toBe(482);
  });
});

describe('a subscription of the application (RFC 6665 §4.1)', () => {
  const subscribe = (rig: DialogRig): Sent & { request: SipRequest } => {
    const sent = rig.agent.request(draft('SUBSCRIBE', 'sip:bob@192.0.2.9:5060', presence), rig.application) as Sent;
    return { ...sent, request: rig.transport.lastRequest() };
  };
  const contact = { Contact: '<sip:bob@192.0.2.9:5060>' };
  const fromBob = (sub: { request: SipRequest }, method: string, cseq: number, headers: Record<string, string> = {}) =>
    request(method, {
      branch: branch(),
      cseq,
      headers: {
        From: '<sip:bob@192.0.2.9:5060>;tag=bob',
        To: sub.request.headers.get('From')!,
        'Call-ID': sub.request.headers.get('Call-ID')!,
        ...contact,
        ...headers,
      },
    });

  it('becomes a dialog with the 2xx; its id is told from the start', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    const tag = /tag=(.*)$/.exec(sub.request.headers.get('From')!)![1]!;
    expect(sub.dialogId).toBe(dialogIdOf(sub.request.headers.get('Call-ID')!, tag));
    expect(rig.agent.dialogs.size).toBe(0);
    answer(rig, 200, { ...contact, Expires: '60' });
    expect(rig.application.ids.at(-1)).toEqual({ transactionId: sub.transactionId, dialogId: sub.dialogId });
    rig.receive(fromBob(sub, 'NOTIFY', 1, { Event: 'presence', 'Subscription-State': 'active;expires=60' }));
    expect(rig.application.take()).toEqual(['200', 'NOTIFY']);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(sub.dialogId);
    rig.respond(200);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('leaves no dialog after a failure, and may be tried again with credentials', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 401);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(sub.dialogId);
    expect(rig.agent.dialogs.size).toBe(0);
    const headers = {
      ...presence,
      'Call-ID': sub.request.headers.get('Call-ID')!,
      From: sub.request.headers.get('From')!,
    };
    const again = rig.agent.request(draft('SUBSCRIBE', 'sip:bob@192.0.2.9:5060', headers), rig.application) as Sent;
    expect(again.dialogId).toBe(sub.dialogId);
    answer(rig, 202, contact);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('hands up a NOTIFY that overtakes the 2xx as one outside a dialog', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    rig.receive(fromBob(sub, 'NOTIFY', 1, { Event: 'presence', 'Subscription-State': 'active' }));
    expect(rig.application.ids.at(-1)?.dialogId).toBe('');
    rig.respond(200);
    expect(rig.transport.lastResponse().status).toBe(200);
  });

  it('ends with a NOTIFY terminated, which the application still answers', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 200, { ...contact, Expires: '60' });
    rig.receive(fromBob(sub, 'NOTIFY', 1, { Event: 'presence', 'Subscription-State': 'terminated;reason=timeout' }));
    expect(rig.agent.dialogs.size).toBe(0);
    expect(rig.application.ids.at(-1)?.dialogId).toBe(sub.dialogId);
    rig.respond(200);
    expect(rig.transport.lastResponse().status).toBe(200);
  });

  it('is refreshed in the dialog, and given up by Expires: 0', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 200, { ...contact, Expires: '60' });
    rig.clock.advance(50_000);
    void rig.agent.requestInDialog(sub.dialogId, draft('SUBSCRIBE', undefined, presence));
    const refresh = rig.transport.lastRequest();
    expect(refresh.headers.get('To')).toContain(';tag=bob');
    expect(refresh.headers.get('Contact')).toBe(sub.request.headers.get('Contact'));
    answer(rig, 200, { Contact: '<sip:bob@192.0.2.9:5060;moved>', Expires: '60' });
    rig.clock.advance(90_000);
    expect(rig.agent.dialogs.size).toBe(1);
    void rig.agent.requestInDialog(sub.dialogId, draft('SUBSCRIBE', undefined, { Event: 'presence', Expires: '0' }));
    expect(rig.transport.lastRequest().uri).toBe('sip:bob@192.0.2.9:5060;moved');
    answer(rig, 200, { Expires: '0' });
    expect(rig.agent.dialogs.size).toBe(1);
    rig.clock.advance(33_000);
    expect(rig.tables).toBe(0);
  });

  it.each([
    [481, 0],
    [503, 1],
  ])('after a refresh answered %d there are %d dialogs (§4.1.2.2)', (status, left) => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 200, { ...contact, Expires: '60' });
    void rig.agent.requestInDialog(sub.dialogId, draft('SUBSCRIBE', undefined, presence));
    answer(rig, status);
    expect(rig.agent.dialogs.size).toBe(left);
  });

  it('lives as long as the notifier says (§4.1.3)', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 200, { ...contact, Expires: '600' });
    rig.receive(fromBob(sub, 'NOTIFY', 1, { Event: 'presence', 'Subscription-State': 'active;expires=10' }));
    rig.respond(200);
    rig.clock.advance(43_000);
    expect(rig.agent.dialogs.size).toBe(0);
  });

  it('is forgotten with its application; the next NOTIFY gets 481 (§4.1.3)', () => {
    const rig = new DialogRig();
    const sub = subscribe(rig);
    answer(rig, 200, { ...contact, Expires: '60' });
    rig.hasApplication = false;
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    expect(rig.agent.dialogs.size).toBe(0);
    rig.receive(fromBob(sub, 'NOTIFY', 1, { Event: 'presence', 'Subscription-State': 'active' }));
    expect(rig.transport.lastResponse().status).toBe(481);
  });

  it('makes no dialog for an application that left before the 2xx', () => {
    const rig = new DialogRig();
    subscribe(rig);
    rig.application.isConnected = false;
    rig.agent.applicationLost(rig.application);
    answer(rig, 200, contact);
    expect(rig.agent.dialogs.size).toBe(0);
  });
});

describe('NOTIFY and SUBSCRIBE elsewhere', () => {
  it('in a call end nothing, whatever the state says (RFC 5057)', () => {
    const rig = new DialogRig();
    const { dialogId, localTag } = rig.confirmedCall();
    notify(rig, dialogId, 'terminated;reason=noresource', 'refer');
    answer(rig, 200);
    rig.receive(
      request('NOTIFY', {
        toTag: localTag,
        cseq: 5,
        branch: branch(),
        headers: { Event: 'refer', 'Subscription-State': 'terminated' },
      }),
    );
    rig.respond(200);
    rig.receive(request('SUBSCRIBE', { toTag: localTag, cseq: 6, branch: branch(), headers: presence }));
    expect(rig.respond(202).dialogId).toBe(dialogId);
    notify(rig, dialogId, 'terminated');
    answer(rig, 200);
    expect(rig.agent.dialogs.size).toBe(1);
  });

  it('a refresh of a subscription we do not have gets 481, and no application sees it', () => {
    const rig = new DialogRig();
    rig.receive(request('SUBSCRIBE', { toTag: 'nobody', headers: presence }));
    expect(rig.transport.lastResponse().status).toBe(481);
    expect(rig.application.take()).toEqual([]);
  });

  it('with an Event nobody can read go to the application like others', () => {
    const rig = new DialogRig();
    const headers = { Event: 'presence;id="', 'Subscription-State': 'active;expires="' };
    const { localTag } = rig.confirmedCall();
    rig.receive(request('NOTIFY', { toTag: localTag, cseq: 5, branch: branch(), headers }));
    rig.respond(489);
    expect(rig.transport.lastResponse().status).toBe(489);
    rig.receive(request('SUBSCRIBE', { branch: branch(), headers: { ...headers, 'Call-ID': 'call-2' } }));
    rig.respond(202);
    expect(rig.transport.lastResponse().status).toBe(202);
  });
});
