import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SipMessage } from './sip-message.ts';
import { type SippOptions, startSipp } from './sipp.ts';
import { waitFor } from './wait-for.ts';

/** Who talks to whom without anything in between; the variables shorten the waits. */
const pairs: ReadonlyArray<readonly [uac: string, uas: string, uacOptions?: SippOptions, uasOptions?: SippOptions]> = [
  ['uac-answered-hangs-up', 'uas-ring-answer-expect-bye'],
  ['uac-answered-hangs-up', 'uas-answer-at-once-expect-bye'],
  ['uac-answered-hangs-up', 'uas-early-media-answer-expect-bye'],
  ['uac-answered-expect-bye', 'uas-ring-answer-hangs-up'],
  ['uac-delayed-offer-hangs-up', 'uas-ring-answer-expect-bye'],
  ['uac-forged-key-expect-clean-responses', 'uas-ring-answer-expect-bye'],
  ['uac-ringing-cancel-expect-487', 'uas-ring-expect-cancel', { set: { cancel_after_ms: 50 } }],
  ['uac-trying-cancel-expect-487', 'uas-trying-expect-cancel'],
  ['uac-cancel-crossed-by-200-hangs-up', 'uas-cancel-crossed-by-200-expect-bye'],
  ['uac-invite-expect-480', 'uas-invite-refuse-480'],
  ['uac-invite-expect-480', 'uas-invite-refuse-480', { status: 603 }, { status: 603, set: { ring_ms: 50 } }],
  ['uac-answered-holds-resumes-hangs-up', 'uas-answer-accepts-reinvite-info-expect-bye'],
  ['uac-answered-sends-info-hangs-up', 'uas-answer-accepts-reinvite-info-expect-bye'],
  ['uac-answered-accepts-reinvite-expect-bye', 'uas-answer-holds-resumes-hangs-up'],
  [
    'uac-challenged-logs-in-hangs-up',
    'uas-challenge-answer-expect-bye',
    { login: { user: 'bridge', password: 'secret' } },
  ],
];

describe.concurrent.each(['udp', 'tcp'] as const)('SIPp scenarios talk to each other over %s', (transport) => {
  for (const [uac, uas, uacOptions, uasOptions] of pairs) {
    it(`${uac} -> ${uas} ${JSON.stringify(uacOptions ?? '')}`, async () => {
      await using buyer = await startSipp(uas, { ...uasOptions, transport });
      await using carrier = await startSipp(uac, { ...uacOptions, transport, remote: buyer.hostPort });

      expect(await carrier.exit).toMatchObject({ code: 0, created: 1, successful: 1, failed: 0 });
      expect(await buyer.exit).toMatchObject({ code: 0, created: 1, successful: 1, failed: 0 });
    });
  }
});

describe.concurrent('messages', () => {
  it('shows the INVITE as it came: URI, header names in their case, body', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { set: { ring_ms: 0 } });
    await using carrier = await startSipp('uac-forged-key-expect-clean-responses', {
      remote: buyer.hostPort,
      address: '127.0.0.2',
      dialedNumber: '+18005550199',
      callerNumber: '+12125550123',
      set: { talk_ms: 0 },
    });
    await carrier.exit;

    const [invite] = buyer.messages();
    expect(invite?.requestUri).toBe(`sip:+18005550199@${buyer.hostPort}`);
    expect(invite?.headers).toContainEqual(['x-ph-retreaverkey', 'evil']);
    expect(invite?.header('FROM')).toContain('sip:+12125550123@127.0.0.2');
    expect(invite?.body).toMatch(/^v=0\r\n(?:.*\r\n)*m=audio \d+ RTP\/AVP 0 101\r\n/);
    expect(buyer.messages('BYE')).toHaveLength(1);
    expect(carrier.messages(200).map((response) => response.method)).toEqual(['INVITE', 'BYE']);
    expect(carrier.sent()[0]?.raw).toBe(invite?.raw);
  });

  it('keeps calls apart: every Call-ID is new, in one run and between runs', async () => {
    await using buyer = await startSipp('uas-invite-refuse-480', { calls: 6 });
    const carriers = [1, 2].map(() =>
      startSipp('uac-invite-expect-480', { remote: buyer.hostPort, calls: 3, rate: 100 }),
    );
    for (const carrier of await Promise.all(carriers)) await carrier.exit;
    await buyer.exit;

    expect(new Set(buyer.messages().map((invite) => invite.header('Call-ID'))).size).toBe(6);
  });

  it('counts a retransmitted INVITE once (RFC 3261 §17.1.1.2)', async () => {
    await using buyer = await startSipp('uas-silent');
    await using _carrier = await startSipp('uac-answered-hangs-up', { remote: buyer.hostPort });
    await waitFor('the INVITE and a retransmission', () => buyer.trace().length >= 2);

    expect(buyer.messages()).toHaveLength(1);
  });

  it.each([
    ['uac-invite-expect-480', 'uas-invite-refuse-480', ['INVITE', 'ACK']],
    ['uac-ringing-cancel-expect-487', 'uas-ring-expect-cancel', ['INVITE', 'CANCEL', 'ACK']],
    ['uac-trying-cancel-expect-487', 'uas-trying-expect-cancel', ['INVITE', 'CANCEL', 'ACK']],
  ])('%s sends ACK and CANCEL with the branch of the INVITE (RFC 3261 §9.1, §17.1.1.3)', async (uac, uas, methods) => {
    await using buyer = await startSipp(uas);
    await using carrier = await startSipp(uac, { remote: buyer.hostPort });
    await carrier.exit;

    const requests = carrier.trace().filter(({ direction }) => direction === 'sent');
    expect(requests.map(({ method }) => method)).toEqual(methods);
    expect(new Set(requests.map(branch)).size).toBe(1);
  });

  it('answers the challenge with a new branch and the next CSeq (RFC 3261 §22.2)', async () => {
    await using buyer = await startSipp('uas-challenge-answer-expect-bye');
    await using carrier = await startSipp('uac-challenged-logs-in-hangs-up', {
      remote: buyer.hostPort,
      login: { user: 'bridge', password: 'secret' },
    });
    await carrier.exit;

    const [first, second] = buyer.messages();
    expect([first?.header('CSeq'), second?.header('CSeq')]).toEqual(['1 INVITE', '2 INVITE']);
    expect(second?.header('Authorization')).toContain('username="bridge"');
    expect(branch(second!)).not.toBe(branch(first!));
  });
});

describe.concurrent('a run that goes wrong', () => {
  it('rejects with the unexpected message, the counts and the last messages', async () => {
    await using buyer = await startSipp('uas-invite-refuse-480', { status: 486 });
    await using carrier = await startSipp('uac-invite-expect-480', { remote: buyer.hostPort, status: 403 });

    const error = await carrier.exit.catch((reason: Error) => reason);
    expect(String(error)).toMatch(
      /uac-invite-expect-480 \(status 403\) ended with code 1: 1 calls, 0 successful, 1 failed UnexpectedMessage 1/,
    );
    expect(String(error)).toMatch(/Aborting call on unexpected message .*, received 'SIP\/2.0 486/);
    expect(String(error)).toMatch(/<- SIP\/2.0 486 Refused \(1 INVITE, \S+\)/);
  });

  it('rejects, when nobody calls in time, and leaves neither process nor file', async () => {
    await using buyer = await startSipp('uas-ring-answer-expect-bye', { timeoutMs: 300 });

    await expect(buyer.exit).rejects.toThrow(/uas-ring-answer-expect-bye did not end within 300 ms: 0 calls/);
    expect([existsSync(`/proc/${buyer.pid}`), existsSync(buyer.folder)]).toEqual([false, false]);
  });

  it('names a variable that the scenario does not have', async () => {
    const carrier = await startSipp('uac-answered-hangs-up', { remote: '127.0.0.1:9', set: { talk_s: 1 } });
    await expect(carrier.exit).rejects.toThrow(/can not set the global variable talk_s/i);
  });

  it('refuses a status for a scenario that has none, and a caller without anybody to call', async () => {
    await expect(startSipp('uas-silent', { status: 486 })).rejects.toThrow(/uas-silent has no status to choose/);
    await expect(startSipp('uac-answered-hangs-up')).rejects.toThrow(/needs a remote/);
  });

  it('resolves as stopped after stop(), with the messages still there and the folder gone', async () => {
    const buyer = await startSipp('uas-silent', { calls: Number.POSITIVE_INFINITY });
    await using _carrier = await startSipp('uac-answered-hangs-up', { remote: buyer.hostPort });
    await waitFor('the INVITE', () => buyer.messages().length === 1);
    await buyer.stop();

    expect(await buyer.exit).toMatchObject({ stopped: true });
    expect(buyer.messages()).toHaveLength(1);
    expect([existsSync(`/proc/${buyer.pid}`), existsSync(buyer.folder)]).toEqual([false, false]);
  });
});

function branch(message: SipMessage): string | undefined {
  return /branch=([^;]+)/.exec(message.header('Via') ?? '')?.[1];
}
