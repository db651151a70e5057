import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { CarrierLogin } from '../../src/domain/carrier.ts';
import type { CarrierWithLogin } from '../../src/telephony/account-directory.ts';
import { digestCredentials } from '../../src/telephony/admission/digest-credentials.ts';
import { DigestLogins, type LoginVerdict, REALM } from '../../src/telephony/admission/digest-logins.ts';
import { DigestNonces } from '../../src/telephony/admission/digest-nonces.ts';
import { aCarrier } from '../support/account-builders.ts';
import { fakeInvite } from './fake-invite.ts';

const MINUTE = 60_000;
const URI = 'sip:+18005550100@bridge';

function carrier(username: string, algorithm: CarrierLogin['algorithm'] = 'MD5'): CarrierWithLogin {
  return {
    ...aCarrier(username, { addresses: [] }),
    login: { username, password: `secret of ${username}`, algorithm },
  };
}
const [alice, bob] = [carrier('alice'), carrier('bob', 'SHA-256')];

/** A server, a clock, and an honest client whose every word can be changed. */
function rig(carriers: readonly CarrierWithLogin[] = [alice]) {
  const clock = { ms: 1_700_000_000_000 };
  const logins = new DigestLogins('secret of the installation', () => clock.ms);
  const invite = (authorization?: string, source = '198.51.100.7', uri = URI) =>
    logins.check(fakeInvite({ uri, source, headers: authorization === undefined ? {} : { authorization } }), carriers);
  const challenge = (source?: string) => (invite(undefined, source) as LoginVerdict & { kind: 'challenged' }).challenge;
  const nonce = (source?: string) => /nonce="([^"]+)"/.exec(challenge(source))?.[1] ?? '';
  /** What happens so much earlier or later. */
  const at = <Result>(ms: number, act: () => Result): Result => {
    clock.ms += ms;
    const result = act();
    clock.ms -= ms;
    return result;
  };
  return { clock, invite, challenge, nonce, at };
}

interface Said {
  readonly nonce: string;
  readonly username?: string;
  readonly password?: string;
  readonly algorithm?: 'MD5' | 'SHA-256';
  readonly uri?: string;
  readonly nc?: string;
  readonly realm?: string;
  readonly method?: string;
}

/** What a client that follows RFC 7616 §3.4 sends. */
function authorization(said: Said): string {
  const { nonce, username = 'alice', algorithm = 'MD5', uri = URI, nc = '00000001', realm = REALM } = said;
  const { password = `secret of ${username}`, method = 'INVITE' } = said;
  const h = (text: string) => hash(algorithm === 'MD5' ? 'md5' : 'sha256', text);
  const response = h(`${h(`${username}:${realm}:${password}`)}:${nonce}:${nc}:c0ffee:auth:${h(`${method}:${uri}`)}`);
  return `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${response}", algorithm=${algorithm}, cnonce="c0ffee", qop=auth, nc=${nc}`;
}

describe('digest login of a carrier (RFC 3261 §22, RFC 7616)', () => {
  it('challenges with realm, nonce, qop and the digest of the carrier', () => {
    const { invite, challenge } = rig();
    expect(invite()).toMatchObject({ kind: 'challenged', why: 'missing' });
    expect(challenge()).toMatch(/^Digest realm="sip-postback-bridge", nonce="[\w.-]{30,}", algorithm=MD5, qop="auth"$/);
    expect(rig([bob]).challenge()).toContain('algorithm=SHA-256');
  });

  it('challenges with both digests, a line each, where carriers differ; MD5 first', () => {
    const lines = rig([bob, alice]).challenge().split('\r\nWWW-Authenticate: ');
    expect(lines.map((line) => /algorithm=([\w-]+)/.exec(line)?.[1])).toEqual(['MD5', 'SHA-256']);
  });

  it.each([
    ['alice', 'MD5'],
    ['bob', 'SHA-256'],
  ] as const)('takes %s with %s, and tells who it is', (username, algorithm) => {
    const { invite, nonce } = rig([alice, bob]);
    expect(invite(authorization({ nonce: nonce(), username, algorithm }))).toMatchObject({
      kind: 'accepted',
      carrier: { id: username },
    });
  });

  it.each<[string, Partial<Said>]>([
    ['a wrong password', { password: 'guess' }],
    ['a user nobody has', { username: 'mallory' }],
    ['the password of nobody', { username: '', password: '' }],
    ['a weaker digest than the carrier has', { username: 'bob', algorithm: 'MD5' }],
    ['a digest of another method', { method: 'REGISTER' }],
    ['another number in the digest than in the Request-URI', { uri: 'sip:+18005550199@bridge' }],
    ['no number in the digest', { uri: 'sip:bridge' }],
  ])('asks again after %s, not stale', (_title, wrong) => {
    const { invite, nonce } = rig([alice, bob]);
    const verdict = invite(authorization({ nonce: nonce(), ...wrong }));
    expect(verdict).toMatchObject({
      kind: 'challenged',
      why: 'wrong',
      challenge: expect.not.stringContaining('stale'),
    });
  });

  it('takes a digest whose URI names another host or port: proxies change those (RFC 3261 §22.4)', () => {
    const { invite, nonce } = rig();
    expect(invite(authorization({ nonce: nonce(), uri: 'sip:+18005550100@10.0.0.1:5070' })).kind).toBe('accepted');
  });

  it('takes each nonce count once, in rising order', () => {
    const { invite, nonce } = rig();
    const first = nonce();
    const verdicts = ['00000001', '00000001', '00000002', '0000000A', '00000003', '0000000b'].map((nc) => {
      const verdict = invite(authorization({ nonce: first, nc }));
      return verdict.kind === 'challenged' ? verdict.why : verdict.kind;
    });
    expect(verdicts).toEqual(['accepted', 'stale', 'accepted', 'accepted', 'stale', 'accepted']);
  });

  it('says stale=true to a replay, so that an honest client logs in again without a person', () => {
    const { invite, nonce } = rig();
    const replay = authorization({ nonce: nonce() });
    invite(replay);
    expect(invite(replay)).toMatchObject({ challenge: expect.stringContaining('stale=true') });
  });

  it.each<[string, (r: ReturnType<typeof rig>) => string]>([
    ['is five minutes old', (r) => r.at(-5 * MINUTE - 1, r.nonce)],
    ['was given to another address', (r) => r.nonce('203.0.113.9')],
    ['was made up', () => 'lw0000.AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA'],
    ['is from the future', (r) => r.at(MINUTE, r.nonce)],
  ])('says stale=true for a nonce that %s, whatever the password', (_title, nonceOf) => {
    const r = rig();
    const nonce = nonceOf(r);
    for (const password of [undefined, 'guess']) {
      const said = password === undefined ? { nonce } : { nonce, password };
      expect(r.invite(authorization(said))).toMatchObject({
        why: 'stale',
        challenge: expect.stringContaining('stale=true'),
      });
    }
  });

  it('takes a nonce that is almost five minutes old', () => {
    const r = rig();
    const nonce = r.nonce();
    r.clock.ms += 5 * MINUTE - 1;
    expect(r.invite(authorization({ nonce })).kind).toBe('accepted');
  });

  it('blocks an address after ten wrong passwords, the right one too, and no other; for a while', () => {
    const { invite, nonce, clock } = rig();
    for (let n = 0; n < 10; n += 1)
      expect(invite(authorization({ nonce: nonce(), password: `${n}` })).kind).toBe('challenged');
    expect(invite(authorization({ nonce: 'x' }))).toEqual({ kind: 'blocked', retryAfterSeconds: 10 });
    const [other] = ['203.0.113.9'];
    expect(invite(authorization({ nonce: nonce(other) }), other).kind).toBe('accepted');
    clock.ms += 10_000;
    expect(invite(authorization({ nonce: nonce() })).kind).toBe('accepted');
  });

  it('blocks the network of an IPv6 address, which one host has to itself', () => {
    const { invite, nonce } = rig();
    for (let n = 1; n <= 10; n += 1) {
      const source = `2001:db8::${n}`;
      invite(authorization({ nonce: nonce(source), password: 'guess' }), source);
    }
    expect(invite(undefined, '2001:db8::99').kind).toBe('blocked');
    expect(invite(undefined, '2001:db8:0:1::99').kind).toBe('challenged');
  });

  it('does not let others block a carrier: what answers no challenge of ours to it does not count', () => {
    const { invite, nonce } = rig();
    const foreign = nonce('203.0.113.9');
    for (let n = 0; n < 50; n += 1) invite(authorization({ nonce: foreign, password: 'guess' }));
    expect(invite(authorization({ nonce: nonce() })).kind).toBe('accepted');
  });
});

describe('nonces', () => {
  it('forget the oldest beyond their bound, without letting it be used again', () => {
    let now = 1_000_000;
    const nonces = new DigestNonces('s', () => now, 2);
    const issued = [1, 2, 3, 4].map((step) => {
      now = 1_000_000 + step;
      return nonces.issue('a');
    });
    const [first, second, third, fourth] = issued as [string, string, string, string];
    expect([first, second, fourth].map((nonce) => nonces.use(nonce, 1))).toEqual([true, true, true]);
    expect(nonces.use(first, 2)).toBe(false);
    expect(nonces.use(third, 1)).toBe(true);
    expect(nonces.use(second, 9)).toBe(false);
    expect(nonces.use(nonces.issue('a'), 1)).toBe(true);
  });

  it('of nodes with the same secret are known to each other, of others not', () => {
    const now = () => 5_000;
    const nonce = new DigestNonces('s', now).issue('a');
    expect(new DigestNonces('s', now).isFresh(nonce, 'a')).toBe(true);
    expect(new DigestNonces('t', now).isFresh(nonce, 'a')).toBe(false);
  });
});

describe('an Authorization header', () => {
  const full =
    'username="a\\"b", realm="r", nonce="n", uri="sip:u@h", response="00", qop=auth, nc=00000001, cnonce="c"';

  it.each([
    [`Digest ${full}`],
    [`digest ${full.replaceAll(', ', ',').replaceAll('=', ' = ')}`],
    [`Digest realm="other", username="x", nonce="a, Digest b", Digest ${full}`],
  ])('is read: %s', (header) => {
    expect(digestCredentials(header, 'r')).toMatchObject({ username: 'a"b', nonce: 'n', algorithm: 'MD5' });
  });

  it.each([
    [undefined],
    [''],
    ['Basic abc='],
    [`Basic abc=, Digest ${full}`],
    [`Digest ${full}, realm="r"`],
    [`Digest ${full.replace('realm="r"', 'realm="s"')}`],
    [`Digest ${full.replace('qop=auth', 'qop=auth-int')}`],
    [`Digest ${full.replace(', qop=auth', '')}`],
    [`Digest ${full.replace('nc=00000001', 'nc=1')}`],
    [`Digest ${full.replace('cnonce="c"', 'cnonce=""')}`],
    [`Digest ${full}, x="${'x'.repeat(5_000)}"`],
    [`Digest ${full}, @`],
    [full],
  ])('is not: %s', (header) => {
    expect(digestCredentials(header, 'r')).toBeUndefined();
  });
});
