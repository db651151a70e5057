import type { Account, Campaign, Route } from '../../src/domain/account.ts';
import type { Buyer } from '../../src/domain/buyer.ts';
import type { Carrier } from '../../src/domain/carrier.ts';
import type { Gateway, SipDestination } from '../../src/domain/destination.ts';

/** Parts of an account as the schema would give them, with what a test cares about changed. */

export function aDestination(uri: string, changes: Partial<SipDestination> = {}): SipDestination {
  return { kind: 'sip', uri, login: undefined, headers: {}, healthCheckSeconds: undefined, ...changes };
}

export function aBuyer(id: string, changes: Partial<Buyer> = {}): Buyer {
  return {
    id,
    name: id,
    destinations: [aDestination(`sip:${id}@buyer.example`)],
    ringTimeoutSeconds: 30,
    paused: false,
    timeZone: 'UTC',
    openingHours: [],
    caps: [],
    duplicateRule: undefined,
    callerId: { kind: 'pass' },
    transfers: { blind: false, attended: false, hosts: [] },
    maxDurationSeconds: undefined,
    ...changes,
  };
}

export function aRoute(buyerIds: readonly string[], changes: Partial<Route> = {}): Route {
  return { buyerIds, priority: 1, weight: 1, matches: [], ...changes };
}

export function aCampaign(changes: Partial<Campaign> = {}): Campaign {
  return {
    id: 'campaign',
    name: 'Campaign',
    tags: {},
    routes: [],
    lastResort: undefined,
    repeatCallers: { mode: 'off', withinDays: 30, carryTags: 'none' },
    maxDurationSeconds: 14_400,
    conversionGroups: [],
    webhooks: [],
    postOnly: false,
    ...changes,
  };
}

export function aCarrier(id: string, changes: Partial<Carrier> = {}): Carrier {
  return {
    id,
    name: id,
    addresses: ['127.0.0.1'],
    login: undefined,
    transports: ['udp', 'tcp', 'tls'],
    maxConcurrentCalls: undefined,
    maxCallsPerSecond: undefined,
    dialedNumberFrom: 'request_uri',
    callerNumberFrom: 'from',
    country: undefined,
    ...changes,
  };
}

export function aGateway(id: string, changes: Partial<Gateway> = {}): Gateway {
  return {
    id,
    name: id,
    uri: 'sip:gateway.example',
    login: undefined,
    headers: {},
    numberFormat: 'e164_plus',
    callerId: { kind: 'pass' },
    trusted: false,
    healthCheckSeconds: undefined,
    ...changes,
  };
}

export function anAccount(changes: Partial<Account> = {}): Account {
  return {
    currency: 'USD',
    timeZone: 'UTC',
    sharedCallerNumbers: [],
    carriers: [],
    gateways: [],
    publishers: [],
    buyers: [],
    campaigns: [],
    numbers: [],
    ...changes,
  };
}
