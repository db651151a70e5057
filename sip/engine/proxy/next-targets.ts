import { leadsBack } from '../transport/address/leads-back.ts';
import { resolveLiteral } from '../transport/resolve/resolver.ts';
import type { Target } from '../transport/transport.ts';
import type { ProxyContext } from './proxy-context.ts';

/** Where a URI leads to: targets we can send to, best first; `isOwn` when there is none but ourselves. */
export interface Found {
  readonly targets: readonly Target[];
  readonly isOwn: boolean;
}

const nowhere: Found = { targets: [], isOwn: false };

/** Calls `use` with what was found, at once for an address literal, else after the look-up (RFC 3261 §16.6, step 7). */
export function withTargets({ transactions, resolve }: ProxyContext, uri: string, use: (found: Found) => void): void {
  const { transport } = transactions;
  const protocols = transport.listeningPoints.map(({ protocol }) => protocol);
  const found = (targets: readonly Target[]): Found => {
    const reachable = targets.filter((target) => transport.listeningPointFor(target) !== undefined);
    const others = reachable.filter((target) => !leadsBack(transport, target));
    return { targets: others, isOwn: others.length < reachable.length };
  };
  let literal: Target | undefined;
  try {
    literal = resolveLiteral(uri, protocols);
  } catch {
    use(nowhere);
    return;
  }
  if (literal !== undefined) use(found([literal]));
  else
    void resolve(uri, protocols)
      .then(found, () => nowhere)
      .then(use)
      .catch((error: unknown) => transactions.report(error));
}
