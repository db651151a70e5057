import { describe, expect, test } from 'vitest';
import type { Webhook } from '../../src/domain/account.ts';
import { standardBody } from '../../src/domain/webhook-body.ts';
import { renderWebhook } from '../../src/domain/webhook-render.ts';
import { validateWebhookTemplate } from '../../src/domain/webhook-template.ts';
import { FIXED_TOKENS, type TokenSnapshot } from '../../src/domain/webhook-tokens.ts';

function webhook(changes: Partial<Webhook> = {}): Webhook {
  return {
    id: 'w1',
    trigger: 'converted',
    method: 'POST',
    url: 'https://a.example/',
    headers: {},
    body: undefined,
    matches: [],
    trusted: false,
    ...changes,
  };
}

function snapshot(tags: Record<string, string[]> = {}, values: TokenSnapshot['values'] = {}): TokenSnapshot {
  return { values, tags, currency: 'USD' };
}

const urlWith = (tags: Record<string, string[]>, url: string, callKey?: string) =>
  renderWebhook(webhook({ url }), { snapshot: snapshot(tags), callKey }).url;
const bodyWith = (tags: Record<string, string[]>, body: string, headers: Record<string, string> = {}) =>
  renderWebhook(webhook({ body, headers }), { snapshot: snapshot(tags) }).body;

describe('tokens in URLs are percent-encoded (acceptance 22)', () => {
  test.each([
    ['a&b', 'a%26b'],
    ['a=b', 'a%3Db'],
    ['a#b', 'a%23b'],
    ['a b', 'a%20b'],
    ['a+b', 'a%2Bb'],
    ['a/b?c', 'a%2Fb%3Fc'],
    ['100%', '100%25'],
    ['größe', 'gr%C3%B6%C3%9Fe'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['a\r\nb', 'a%0D%0Ab'],
    ['[call_key]', '%5Bcall_key%5D'],
    ['[call_uuid]', '%5Bcall_uuid%5D'],
    ['$&', '%24%26'],
    ['', ''],
  ])('%j', (value, encoded) => {
    expect(urlWith({ v: [value] }, 'https://a.example/p/[v]?q=[v]', 'secret')).toBe(
      `https://a.example/p/${encoded}?q=${encoded}`,
    );
  });

  test('several values are joined by commas', () => {
    expect(urlWith({ v: ['1', '2'] }, 'https://a.example/?v=[v]')).toBe('https://a.example/?v=1%2C2');
  });
  test('what has no value is empty', () => {
    expect(urlWith({}, 'https://a.example/?v=[nothing]&w=[buyer_id]')).toBe('https://a.example/?v=&w=');
  });
  test('a fixed name goes before a tag of that name', () => {
    const filler = { snapshot: snapshot({ revenue: ['999'] }, { revenue: '10.00' }) };
    expect(renderWebhook(webhook({ url: 'https://a.example/?r=[revenue]' }), filler).url).toBe(
      'https://a.example/?r=10.00',
    );
  });
  test('a tag cannot pose as the call key, nor as a property of objects', () => {
    const tags = { call_key: ['evil'] };
    expect(urlWith(tags, 'https://a.example/[call_key][constructor][__proto__]')).toBe('https://a.example/');
  });
  test('the host is left alone', () => {
    expect(urlWith({ v: ['x'] }, 'https://[2606:4700::1]:8443/[v]')).toBe('https://[2606:4700::1]:8443/x');
    expect(urlWith({ v: ['evil.example'] }, 'https://[v]/')).toBe('https://[v]/');
  });
});

describe('tokens in bodies', () => {
  test.each([
    ['say "hi"', 'say \\"hi\\"'],
    ['a\\b', 'a\\\\b'],
    ['a\nb', 'a\\nb'],
    ['a\u0000b', 'a\\u0000b'],
    ['[call_key]', '[call_key]'],
    ['&<>', '&<>'],
  ])('JSON: %j', (value, escaped) => {
    const body = bodyWith({ v: [value] }, '{"v":"[v]","list":["a",1],"bits":[true],"none":[null],"n":[1]}');
    expect(body).toBe(`{"v":"${escaped}","list":["a",1],"bits":[true],"none":[null],"n":[1]}`);
    expect(JSON.parse(body ?? '').v).toBe(value);
  });
  test('forms are percent-encoded, XML by character references, plain text not at all', () => {
    const tags = { v: ['a&<"b'] };
    expect(bodyWith(tags, 'v=[v]', { 'Content-Type': 'application/x-www-form-urlencoded' })).toBe('v=a%26%3C%22b');
    expect(bodyWith(tags, '<v>[v]</v>', { 'content-type': 'text/xml' })).toBe('<v>a&#38;&#60;&#34;b</v>');
    expect(bodyWith(tags, '[v]', { 'content-type': 'text/plain' })).toBe('a&<"b');
  });
  test('GET and HEAD have none', () => {
    const rendered = renderWebhook(webhook({ method: 'GET', body: 'x' }), { snapshot: snapshot() });
    expect(rendered.body).toBeUndefined();
  });
});

test.each([
  ['a\r\nX-Evil: 1', 'aX-Evil: 1'],
  ['a\0b', 'ab'],
  ['é', '%C3%A9'],
  ['plain, value', 'plain, value'],
])('a header cannot be broken out of: %j', (value, safe) => {
  const headers = { 'X-Tag': '[v]' };
  expect(renderWebhook(webhook({ headers }), { snapshot: snapshot({ v: [value] }) }).headers).toEqual({
    'X-Tag': safe,
  });
});

describe('what is refused when a webhook is saved', () => {
  test.each([
    ['https://[host]/x', /scheme, host or port/],
    ['https://[host]', /scheme, host or port/],
    ['https://a.example:[port]/', /scheme, host or port/],
    ['https://[sub].a.example/', /scheme, host or port/],
    ['[scheme]://a.example/', /scheme, host or port/],
    ['https://a.example\\[x]', /backslash/],
    ['https://a.example/a b', /blank/],
    ['https://a.ex\tample/', /blank/],
    ['https://user:pass@a.example/', /user name/],
    ['ftp://a.example/', /https/],
    ['[url]', /https/],
    ['//a.example/', /https/],
    ['https:///path', /https/],
    ['https://', /https/],
    ['', /https/],
  ])('URL %j', (url, reason) => {
    expect(validateWebhookTemplate(webhook({ url })).errors.join()).toMatch(reason);
  });
  test.each([
    [{ 'X Y': '1' }, /not a header name/],
    [{ Host: 'x' }, /set by the service/],
    [{ 'Content-Length': '1' }, /set by the service/],
    [{ 'Webhook-Signature': 'v1,x' }, /set by the service/],
    [{ 'X-A': 'a\r\nb' }, /line break/],
  ])('headers %j', (headers, reason) => {
    expect(validateWebhookTemplate(webhook({ headers })).errors.join()).toMatch(reason);
  });
  test.each([
    { url: 'https://a.example/?k=[call_key]' },
    { body: '[call_key]' },
    { headers: { 'X-Key': '[call_key]' } },
  ])('the call key for somebody not trusted: %j', (changes) => {
    expect(validateWebhookTemplate(webhook(changes)).errors.join()).toMatch(/trusted/);
    expect(validateWebhookTemplate(webhook({ ...changes, trusted: true })).errors).toEqual([]);
  });
  test('tokens that are no fixed name are listed', () => {
    const findings = validateWebhookTemplate(webhook({ url: 'https://a.example/[call_uuid]?s=[sub_id]&s=[sub_id]' }));
    expect(findings).toEqual({ errors: [], unknownTokens: ['sub_id'] });
  });
});

test('the standard body has every fixed name, typed, and the tags', () => {
  const values = {
    revenue: '10.00',
    connected_seconds: '12',
    converted: 'true',
    event_time: '2026-01-01T00:00:00.000Z',
  };
  const body = JSON.parse(standardBody('converted', snapshot({ a: ['1', '2'] }, values)));
  expect(body).toMatchObject({
    type: 'call.converted',
    timestamp: '2026-01-01T00:00:00.000Z',
    data: {
      revenue: '10.00',
      connected_seconds: 12,
      converted: true,
      buyer_id: null,
      currency: 'USD',
      tags: { a: ['1', '2'] },
    },
  });
  expect(Object.keys(body.data)).toEqual([...Object.keys(FIXED_TOKENS), 'currency', 'tags']);
});
