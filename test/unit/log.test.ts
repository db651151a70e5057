import { expect, test } from 'vitest';
import { createLog, maskKey, maskNumber } from '../../src/log.ts';

const SECRET = 's3cret-value';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog('debug', { write: (line) => void lines.push(line) }));
  return lines.join('');
}

test.each(['key', 'call_key', 'callKey', 'secret', 'token', 'password', 'authorization', 'Authorization'])(
  'what is named %s is not in the log, however deep it stands',
  (name) => {
    const objects = [
      { [name]: SECRET },
      { a: { [name]: SECRET } },
      { a: { b: [{ c: { [name]: { list: [SECRET] } } }] } },
    ];
    for (const object of objects) {
      const text = logged((log) => log.warn({ ...object, callId: 'c-1' }, 'looked at'));
      expect(text).not.toContain(SECRET);
      expect(JSON.parse(text)).toMatchObject({ level: 'warn', callId: 'c-1', msg: 'looked at' });
      expect(text).toContain('"[redacted]"');
      expect(text.endsWith('}\n')).toBe(true);
    }
  },
);

test('a secret of a child, and of an error that carries one, is not in the log either', () => {
  const err = Object.assign(new Error('refused'), { options: { headers: { authorization: SECRET } } });
  const text = logged((log) => log.child({ token: SECRET }).error({ err }, 'not sent'));
  expect(text).not.toContain(SECRET);
  expect(JSON.parse(text)).toMatchObject({ token: '[redacted]', err: { type: 'Error', message: 'refused' } });
});

test('names in a text are no names: the line stays as it was', () => {
  const text = logged((log) => log.info({ body: '{"key":"x","token": 1}', keyword: 'key' }, 'a "secret": none'));
  expect(JSON.parse(text)).toMatchObject({
    body: '{"key":"x","token": 1}',
    keyword: 'key',
    msg: 'a "secret": none',
  });
});

test('a number is shown without its middle', () => {
  expect(maskNumber('+14155551234')).toBe('+1415•••34');
  expect(maskNumber('911')).toBe('•••');
  expect(maskNumber('')).toBe('anonymous');
});

test('a target is shown without its key, however the name is written', () => {
  const key = 'a'.repeat(40);
  expect(maskKey(`/calls/u/set_value?key=${key}&revenue=1`)).toBe('/calls/u/set_value?key=[redacted]&revenue=1');
  expect(maskKey(`/calls/u/set_value?%6bey=x&a=${key}`)).toBe('/calls/u/set_value?%6bey=[redacted]&a=[redacted]');
  expect(maskKey('/postbacks/tok3n?revenue=1')).toBe('/postbacks/[redacted]?revenue=1');
});
