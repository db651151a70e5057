import type { Account } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import type { Destination } from '../domain/destination.ts';
import { HealthCheck, type HealthDeps } from './health-check.ts';

/** Which destinations answer, of those whose health is to be checked; the others count as healthy (semantics §6). */
export class DestinationHealth {
  readonly #deps: HealthDeps;
  /** By URI: buyers who share one are asked once. */
  #checks = new Map<string, HealthCheck>();
  #gatewayUris = new Map<string, string>();

  constructor(deps: HealthDeps) {
    this.#deps = deps;
  }

  /** Checks what this account asks for; what was checked before goes on from where it was. */
  useAccount({ buyers, gateways, campaigns }: Account): void {
    this.#gatewayUris = new Map(gateways.map(({ id, uri }) => [id, uri]));
    const wanted = new Map<string, number>();
    const lastResorts = campaigns.map(({ lastResort }) => lastResort);
    for (const each of [...gateways, ...buyers.flatMap(({ destinations }) => destinations), ...lastResorts]) {
      if (each === undefined || !('uri' in each) || each.healthCheckSeconds === undefined) continue;
      const seconds = Math.min(each.healthCheckSeconds, wanted.get(each.uri) ?? Number.POSITIVE_INFINITY);
      wanted.set(each.uri, seconds);
    }
    const kept = new Map<string, HealthCheck>();
    for (const [uri, seconds] of wanted) {
      const known = this.#checks.get(uri);
      const isSame = known?.intervalMs === seconds * 1000;
      kept.set(uri, isSame ? known : new HealthCheck(uri, seconds * 1000, this.#deps, known?.isHealthy));
    }
    for (const [uri, check] of this.#checks) if (kept.get(uri) !== check) check.stop();
    this.#checks = kept;
  }

  isHealthy(destination: Destination): boolean {
    const uri = destination.kind === 'sip' ? destination.uri : this.#gatewayUris.get(destination.gatewayId);
    return uri === undefined || (this.#checks.get(uri)?.isHealthy ?? true);
  }

  /** False if not one of its destinations answers. */
  isReachable({ destinations }: Buyer): boolean {
    return destinations.some((destination) => this.isHealthy(destination));
  }

  close(): void {
    for (const check of this.#checks.values()) check.stop();
    this.#checks.clear();
  }
}
