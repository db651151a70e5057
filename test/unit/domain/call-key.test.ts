import { describe, expect, it } from 'vitest';
import { CallKeys } from '../../../src/domain/call-key.ts';
import { lowestUuidAt, newUuid, parseUuid } from '../../../src/domain/ids.ts';

const OLD = { version: 1, secret: 'an old secret of the installation' };
const NEW = { version: 2, secret: 'the new secret of the installation' };
const UUID = '0198c0de-0000-7000-8000-000000000001';

describe('call key (semantics §2)', () => {
  it('is 160 bits of HMAC-SHA256 over the uuid, in hex', () => {
    const keys = new CallKeys([{ version: 1, secret: 'key-of-16-letters' }]);
    expect(keys.derive('what do ya want for nothing?')).toMatch(/^[0-9a-f]{40}$/);
    expect(keys.derive(UUID)).toBe(keys.derive(UUID));
    expect(keys.derive(UUID)).not.toBe(keys.derive(UUID.replace('1', '2')));
  });

  it('stays valid for old calls while the secret is rotated', () => {
    const before = new CallKeys([OLD]);
    const rotated = new CallKeys([NEW, OLD]);
    const key = before.derive(UUID);
    expect(rotated.currentVersion).toBe(2);
    expect(rotated.derive(UUID)).not.toBe(key);
    expect(rotated.derive(UUID, 1)).toBe(key);
    expect(rotated.verify(UUID, key)).toBe(1);
    expect(rotated.verify(UUID, rotated.derive(UUID))).toBe(2);
    expect(new CallKeys([NEW]).verify(UUID, key)).toBeUndefined();
    expect(() => new CallKeys([NEW]).derive(UUID, 1)).toThrow('no secret of version 1');
  });

  it('takes the key in either case and refuses everything else', () => {
    const keys = new CallKeys([OLD]);
    const key = keys.derive(UUID);
    expect(keys.verify(UUID, key.toUpperCase())).toBe(1);
    const other = keys.derive(newUuid(0));
    for (const wrong of [
      '',
      key.slice(1),
      `${key}0`,
      `${key} `,
      other,
      'g'.repeat(40),
      '0'.repeat(40),
      'é'.repeat(40),
    ]) {
      expect(keys.verify(UUID, wrong), wrong).toBeUndefined();
    }
    expect(keys.verify('not a uuid', key)).toBeUndefined();
  });

  it('refuses a secret that is none', () => {
    expect(() => new CallKeys([])).toThrow('at least 16 characters');
    expect(() => new CallKeys([{ version: 1, secret: 'short' }])).toThrow('at least 16 characters');
  });
});

describe('uuid version 7 (RFC 9562 §5.7)', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');

  it('carries the time, version and variant', () => {
    const uuid = newUuid(now);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
  });

  it('sorts in the order of making, also within a millisecond; none comes twice', () => {
    const uuids = Array.from({ length: 1_000 }, () => newUuid(now + 1));
    expect([...uuids].sort()).toEqual(uuids);
    expect(new Set(uuids).size).toBe(1_000);
    const many = Array.from({ length: 20_000 }, () => newUuid(now + 2));
    expect(new Set(many).size).toBe(20_000);
  });

  it('the lowest of a millisecond separates it from the one before', () => {
    const earlier = newUuid(now - 1);
    const later = newUuid(now);
    expect(earlier < lowestUuidAt(now)).toBe(true);
    expect(later > lowestUuidAt(now)).toBe(true);
  });

  it('is read in either case; what is none is not', () => {
    expect(parseUuid(UUID.toUpperCase())).toBe(UUID);
    for (const text of ['', UUID.slice(1), `${UUID}0`, UUID.replaceAll('-', ''), `${UUID}\n`, UUID.replace('c', 'g')]) {
      expect(parseUuid(text), text).toBeUndefined();
    }
  });
});
