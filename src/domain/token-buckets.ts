export interface BucketSize {
  /** So many at once … */
  readonly burst: number;
  /** … and so many more each second. */
  readonly perSecond: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

const MOST_BUCKETS = 50_000;

/** One token bucket per name. Memory is bounded: the name unused for longest is forgotten, which can only be generous. */
export class TokenBuckets {
  readonly #size: BucketSize;
  readonly #mostBuckets: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(size: BucketSize, mostBuckets = MOST_BUCKETS) {
    this.#size = size;
    this.#mostBuckets = mostBuckets;
  }

  /** Takes a token: 0 when there was one, else the milliseconds until there will be. */
  take(name: string, now: number): number {
    const bucket = this.#filled(name, now);
    const wait = this.#untilToken(bucket);
    if (wait === 0) bucket.tokens -= 1;
    return wait;
  }

  /** Milliseconds until there will be a token, 0 when there is one; takes none. */
  wait(name: string, now: number): number {
    const bucket = this.#buckets.get(name);
    return bucket === undefined ? 0 : this.#untilToken(this.#filled(name, now));
  }

  #untilToken({ tokens }: Bucket): number {
    return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / this.#size.perSecond) * 1000);
  }

  #filled(name: string, now: number): Bucket {
    const known = this.#buckets.get(name);
    const bucket = known ?? { tokens: this.#size.burst, at: now };
    const elapsedMs = Math.max(0, now - bucket.at);
    bucket.tokens = Math.min(this.#size.burst, bucket.tokens + (elapsedMs / 1000) * this.#size.perSecond);
    bucket.at = now;
    this.#remember(name, bucket);
    return bucket;
  }

  /** A Map keeps the order of insertion: the first one is the one unused for longest. */
  #remember(name: string, bucket: Bucket): void {
    this.#buckets.delete(name);
    this.#buckets.set(name, bucket);
    if (this.#buckets.size <= this.#mostBuckets) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
