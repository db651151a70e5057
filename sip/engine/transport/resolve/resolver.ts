import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import { BoundedCache } from '../../message/bounded-cache.ts';
import type { Protocol, Target } from '../transport.ts';
import { allProtocols, candidateProtocols, type NextHop, nextHopOf, ResolveError, targetOf } from './next-hop.ts';
import { orderRecords, type ServiceRecord } from './service-records.ts';

export { responseTarget } from '../response-target.ts';
export { ResolveError, resolveLiteral } from './next-hop.ts';

/** The name service a resolver asks. */
export interface NameService {
  /** A and AAAA addresses in order of preference; rejects when there are none. */
  addresses(name: string): Promise<string[]>;
  /** SRV records; empty when there are none or nobody answers. */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

export interface ResolverOptions {
  readonly names?: NameService;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  readonly random?: () => number;
}

/** Next hops for a SIP URI or `host[:port]`, best first. Rejects with ResolveError or ParseError (RFC 3263 §4). */
export type ResolveTarget = (uri: string, listening?: readonly Protocol[]) => Promise<Target[]>;

const rememberedNames = 256;
const rememberedMs = 30_000;
const failureRememberedMs = 2_000;
/** SRV targets looked up for one hop, however many records there are. */
const maxServices = 8;

interface Remembered {
  readonly targets: Promise<Target[]>;
  expiresAt: number;
}

/** A resolver with a cache of its own. NAPTR is left out: SRV names say the same (DEVIATION, RFC 3263 §4.1). */
export function createResolver(options: ResolverOptions = {}): ResolveTarget {
  const { names = systemNames(), now = () => performance.now(), random = Math.random } = options;
  const cache = new BoundedCache<Remembered>(rememberedNames);

  return async (uri, listening = allProtocols) => {
    const hop = nextHopOf(uri);
    const protocols = candidateProtocols(hop, listening);
    if (isIP(hop.host) !== 0) return [targetOf(hop.host, hop.port, protocols[0]!)];
    const key = `${hop.host.toLowerCase()} ${hop.port ?? ''} ${protocols.join()}`;
    const known = cache.get(key);
    if (known !== undefined && known.expiresAt > now()) return known.targets;
    const fresh: Remembered = { targets: lookUp(hop, protocols, names, random), expiresAt: now() + rememberedMs };
    cache.set(key, fresh);
    fresh.targets.catch(() => {
      fresh.expiresAt = now() + failureRememberedMs;
    });
    return fresh.targets;
  };
}

/** The resolver over the system's name service. */
export const resolveTarget: ResolveTarget = createResolver();

async function lookUp(
  hop: NextHop,
  protocols: readonly Protocol[],
  names: NameService,
  random: () => number,
): Promise<Target[]> {
  const viaServices = hop.port === undefined ? await lookUpServices(hop.host, protocols, names, random) : [];
  if (viaServices.length > 0) return viaServices;
  const addresses = await addressesOf(hop.host, names);
  return addresses.map((address) => targetOf(address, hop.port, protocols[0]!, hop.host));
}

/** SRV (RFC 3263 §4.2). A name without a dot has none; asking would only cost time. */
async function lookUpServices(
  host: string,
  protocols: readonly Protocol[],
  names: NameService,
  random: () => number,
): Promise<Target[]> {
  if (!host.includes('.')) return [];
  const perProtocol = protocols.map(async (protocol) => {
    const records = orderRecords(await names.services(serviceName(host, protocol)), random).slice(0, maxServices);
    const targets = await Promise.all(records.map((record) => targetsOf(record, protocol, names, host)));
    return targets.flat();
  });
  return (await Promise.all(perProtocol)).flat();
}

/** Empty for a record whose host does not resolve: the others may. */
async function targetsOf(
  record: ServiceRecord,
  protocol: Protocol,
  names: NameService,
  host: string,
): Promise<Target[]> {
  try {
    const addresses = await names.addresses(record.name);
    return addresses.map((address) => targetOf(address, record.port, protocol, host));
  } catch {
    return [];
  }
}

async function addressesOf(host: string, names: NameService): Promise<string[]> {
  try {
    return await names.addresses(host);
  } catch (cause) {
    throw new ResolveError('name_not_found', `no address for ${host}`, cause);
  }
}

function serviceName(host: string, protocol: Protocol): string {
  return protocol === 'tls' ? `_sips._tcp.${host}` : `_sip._${protocol}.${host}`;
}

function systemNames(): NameService {
  const resolver = new dns.Resolver({ timeout: 1_000, tries: 2 });
  return {
    async addresses(name) {
      const found = await dns.lookup(name, { all: true, order: 'ipv4first' });
      return found.map((each) => each.address);
    },
    services: (name) => resolver.resolveSrv(name).catch(() => []),
  };
}
