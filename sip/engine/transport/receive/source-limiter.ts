import { BoundedCache } from '../../message/bounded-cache.ts';
import { sourceKey } from './source-key.ts';

export interface SourceLimits {
  /** For one source, five times as many in a burst. */
  readonly perSecond: number;
  /** For all sources together, as many again in a burst. */
  readonly totalPerSecond: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

const BURST_SECONDS = 5;
const rememberedSources = 4_096;

/** Says yes so many times a second for each source and for all of them: a token bucket each. */
export class SourceLimiter {
  readonly #limits: SourceLimits;
  readonly #now: () => number;
  readonly #sources = new BoundedCache<Bucket>(rememberedSources);
  readonly #total: Bucket;

  /** `now` in ms of a monotonic clock. */
  constructor(limits: SourceLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
    this.#total = { tokens: 2 * limits.totalPerSecond, filledAt: now() };
  }

  admits(address: string): boolean {
    const { perSecond, totalPerSecond } = this.#limits;
    const bucket = this.#bucketOf(sourceKey(address));
    this.#fill(bucket, perSecond, BURST_SECONDS * perSecond);
    this.#fill(this.#total, totalPerSecond, 2 * totalPerSecond);
    if (bucket.tokens < 1 || this.#total.tokens < 1) return false;
    bucket.tokens -= 1;
    this.#total.tokens -= 1;
    return true;
  }

  #bucketOf(key: string): Bucket {
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const fresh = { tokens: BURST_SECONDS * this.#limits.perSecond, filledAt: this.#now() };
    this.#sources.set(key, fresh);
    return fresh;
  }

  #fill(bucket: Bucket, perSecond: number, burst: number): void {
    const now = this.#now();
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond);
    bucket.filledAt = now;
  }
}
