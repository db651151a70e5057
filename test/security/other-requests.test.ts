import { afterAll, beforeAll, expect, it } from 'vitest';
import { PhoneRig } from '../support/phone-rig.ts';

let rig: PhoneRig;

beforeAll(async () => {
  rig = await PhoneRig.open({ buyers: ['A'] });
});
afterAll(() => rig?.[Symbol.asyncDispose]());

it.each(['REGISTER', 'SUBSCRIBE', 'PUBLISH', 'MESSAGE', 'NOTIFY', 'INFO', 'REFER'])(
  '%s outside of a call is not allowed, which is not to say that we are down (RFC 3261 §8.2.1)',
  async (method) => {
    const headers = { Contact: `<${rig.carrier.uri}>`, Event: 'presence', 'Refer-To': '<sip:b@example.com>' };
    rig.newCall().request(method, headers);
    const answer = await rig.carrier.receive(405);
    expect(answer.headers.get('Allow')).toContain('INVITE');
  },
);

it('OPTIONS is told what we take (RFC 3261 §11.2)', async () => {
  rig.newCall().request('OPTIONS');
  const answer = await rig.carrier.receive(200);
  expect(answer.headers.get('Allow')).toContain('INVITE');
  expect(answer.headers.get('Accept')).toBe('application/sdp');
});
