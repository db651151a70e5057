import type { InviteRequest } from '../../src/telephony/srf.ts';

export interface FakeInvite {
  readonly uri?: string;
  readonly source?: string;
  readonly protocol?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An INVITE as drachtio-srf hands it over, with what a test cares about changed. */
export function fakeInvite({ uri, source, protocol, headers }: FakeInvite = {}): InviteRequest {
  const all = { from: '<sip:+15558675309@c>;tag=1', contact: '<sip:c@c>', ...lowerCased(headers ?? {}) };
  const get = (name: string) => (all as Record<string, string>)[name.toLowerCase()];
  return {
    method: 'INVITE',
    uri: uri ?? 'sip:+18005550100@bridge',
    source_address: source ?? '198.51.100.7',
    protocol: protocol ?? 'udp',
    get,
    has: (name: string) => get(name) !== undefined,
  } as InviteRequest;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
