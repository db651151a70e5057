import type { Carrier } from '../../domain/carrier.ts';
import { TokenBuckets } from '../../domain/token-buckets.ts';

/** What a carrier is told when it has all the lines it may have, in seconds. */
const LINES_RETRY_AFTER = 5;

export interface OverLimit {
  readonly cause: 'too_many_calls' | 'calls_too_fast';
  readonly retryAfterSeconds: number;
}

/** Concurrent calls and calls per second of each carrier, in this process. */
export class CarrierLimits {
  readonly #now: () => number;
  readonly #liveCalls: (carrierId: string) => number;
  readonly #rates = new Map<string, { readonly perSecond: number; readonly bucket: TokenBuckets }>();

  constructor(liveCalls: (carrierId: string) => number, now: () => number) {
    this.#liveCalls = liveCalls;
    this.#now = now;
  }

  /** Asked once for each call that would be taken; undefined: take it. */
  exceededBy(carrier: Carrier): OverLimit | undefined {
    const { id, maxConcurrentCalls = Infinity, maxCallsPerSecond } = carrier;
    if (this.#liveCalls(id) >= maxConcurrentCalls) {
      return { cause: 'too_many_calls', retryAfterSeconds: LINES_RETRY_AFTER };
    }
    if (maxCallsPerSecond === undefined) return undefined;
    const waitMs = this.#bucket(id, maxCallsPerSecond).take(id, this.#now());
    return waitMs === 0 ? undefined : { cause: 'calls_too_fast', retryAfterSeconds: Math.ceil(waitMs / 1000) };
  }

  /** A new one when the limit was changed. */
  #bucket(id: string, perSecond: number): TokenBuckets {
    const known = this.#rates.get(id);
    if (known?.perSecond === perSecond) return known.bucket;
    const bucket = new TokenBuckets({ burst: perSecond, perSecond }, 1);
    this.#rates.set(id, { perSecond, bucket });
    return bucket;
  }
}
