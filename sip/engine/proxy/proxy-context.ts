import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { ResolveTarget } from '../transport/resolve/resolver.ts';

/** What the parts of the proxy share. */
export interface ProxyContext {
  readonly transactions: TransactionLayer;
  readonly resolve: ResolveTarget;
}
