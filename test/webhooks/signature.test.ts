import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { printableSecret, signatureHeaders, webhookSecret } from '../../src/webhooks/signature.ts';

test('signs id, timestamp in seconds and content as Standard Webhooks does', () => {
  const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
  const content = '{"test": 2432232314}';
  expect(signatureHeaders([secret], { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1614265330_999, content })).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('every webhook has a secret of its own, printed as receivers expect it', () => {
  const one = webhookSecret('installation secret', 'w1');
  expect(one).toEqual(createHmac('sha256', 'installation secret').update('webhook:w1').digest());
  expect(one).not.toEqual(webhookSecret('installation secret', 'w2'));
  expect(printableSecret(one)).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});
