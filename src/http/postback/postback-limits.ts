import { type BucketSize, TokenBuckets } from '../../domain/token-buckets.ts';
import { HttpProblem } from '../problem.ts';
import { limitedNetwork } from '../source-address.ts';

export interface PostbackLimitSizes {
  /** All requests of one sender. */
  readonly perSource: BucketSize;
  /** Requests with a wrong key, of one sender and for one uuid. */
  readonly failed: BucketSize;
}

export const DEFAULT_LIMITS: PostbackLimitSizes = {
  perSource: { burst: 500, perSecond: 100 },
  failed: { burst: 20, perSecond: 0.5 },
};

/** Too many requests (semantics §3). The failed ones only use up tokens of their own, so the right key is never locked out. */
export class PostbackLimits {
  readonly #sources: TokenBuckets;
  readonly #failedSources: TokenBuckets;
  readonly #failedUuids: TokenBuckets;

  constructor(sizes: PostbackLimitSizes = DEFAULT_LIMITS) {
    this.#sources = new TokenBuckets(sizes.perSource);
    this.#failedSources = new TokenBuckets(sizes.failed);
    this.#failedUuids = new TokenBuckets(sizes.failed);
  }

  /** Throws HttpProblem 429. */
  admit(address: string, now: number): void {
    refuse(this.#sources.take(limitedNetwork(address), now));
  }

  /** Counts a wrong key; of a text that is no uuid at all only the sender counts. Throws HttpProblem 429. */
  countFailure(address: string, uuid: string | undefined, now: number): void {
    const source = this.#failedSources.take(limitedNetwork(address), now);
    const call = uuid === undefined ? 0 : this.#failedUuids.take(uuid, now);
    refuse(Math.max(source, call));
  }
}

function refuse(waitMs: number): void {
  if (waitMs === 0) return;
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  throw new HttpProblem('too_many_requests', `Try again in ${seconds} s.`, { 'retry-after': String(seconds) });
}
