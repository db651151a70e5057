import { describe, expect, it } from 'vitest';
import { bestOf } from '../../../sip/engine/proxy/best-response.ts';
import { destinationOf } from '../../../sip/engine/proxy/destination.ts';
import { contactsOf } from '../../../sip/engine/proxy/redirect.ts';
import { request, response } from '../support/messages.ts';
import { peer } from '../support/transaction-rig.ts';

const outcomes = (statuses: readonly number[]) =>
  statuses.map((status) => ({ response: response(request('INVITE'), status), from: peer() }));

describe('the best response (RFC 3261 §16.7, step 6)', () => {
  it.each([
    [[486, 603, 404], 603],
    [[486, 302], 302],
    [[503, 404], 404],
    [[404, 401], 401],
    [[486, 407, 500], 407],
    [[408, 486], 486],
    [[408, 500], 408],
    [[503, 500], 500],
    [[486, 404], 486],
    [[487, 408], 487],
    [[503], 503],
  ])('of %j is %d', (statuses, best) => {
    expect(bestOf(outcomes(statuses))?.response.status).toBe(best);
  });

  it('of none is none', () => {
    expect(bestOf([])).toBeUndefined();
  });
});

describe('the contacts of a redirect (RFC 3261 §8.1.3.4)', () => {
  it.each([
    [
      ['<sip:a@h>;q=0.1, <sip:b@h>;q=0.9', '<sip:c@h>'],
      ['sip:c@h', 'sip:b@h', 'sip:a@h'],
    ],
    [['<sip:a@h>', '<tel:+1>', '<mailto:x@h>', '<<>', '*'], ['sip:a@h']],
    [[], []],
  ])('in %j are %j', (values, uris) => {
    const redirect = response(request('INVITE'), 302);
    for (const value of values) redirect.headers.append('Contact', value);
    expect(contactsOf(redirect)).toEqual(uris);
  });
});

describe('a destination', () => {
  it('loses what would be headers of the request', () => {
    expect(destinationOf('sip:bob@h?Route=%3Csip:x%3E', request('INVITE')).uri).toBe('sip:bob@h');
  });

  it.each([
    ['sip:192.0.2.21:5080', 'sip:bob@192.0.2.21:5080'],
    ['sip:carrier.example;transport=tcp', 'sip:bob@carrier.example;transport=tcp'],
    ['sips:carrier.example', 'sips:bob@carrier.example'],
    ['sip:carol@192.0.2.21', 'sip:carol@192.0.2.21'],
  ])('%s becomes the Request-URI %s', (uri, requestUri) => {
    expect(destinationOf(uri, request('INVITE'))).toEqual({ uri: requestUri, nextHop: uri, route: [] });
  });
});
