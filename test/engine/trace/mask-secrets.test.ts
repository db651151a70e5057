import { describe, expect, it } from 'vitest';
import { secretMasker } from '../../../sip/engine/trace/mask-secrets.ts';

const mask = secretMasker(['X-PH-RetreaverKey']);

describe('masking of secrets', () => {
  it.each([
    ['Authorization: Digest username="a", response="123"', 'Authorization: ***'],
    ['proxy-authorization : Digest username="a",\r\n response="123"', 'proxy-authorization : ***'],
    ['X-PH-RetreaverKey: 5f3a', 'X-PH-RetreaverKey: ***'],
    ['x-ph-retreaverkey:5f3a', 'x-ph-retreaverkey:***'],
    ['From: <sip:alice:secret@example.com>;tag=1', 'From: <sip:alice:***@example.com>;tag=1'],
    [
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 ***',
    ],
    ['k=clear:password', 'k=***'],
  ])('hides what is secret in %j', (line, masked) => {
    const message = `INVITE sip:b@example.com SIP/2.0\r\n${line}\r\nX-PH-RetreaverUUID: 1234\r\n\r\n`;
    expect(mask(message)).toBe(message.replace(line, masked));
  });

  it('leaves everything else as it is', () => {
    const message =
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a:5060;branch=z9\r\nX-Authorization-Hint: none\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n';
    expect(mask(message)).toBe(message);
  });
});
