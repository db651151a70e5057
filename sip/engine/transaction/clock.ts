/** Where time comes from. Tests hand in one that moves only when told to. */
export interface Clock {
  /** Monotonic, in ms. */
  now(): number;
  /** Calls `onTick` about every `everyMs` until the returned function is called. */
  tickEvery(everyMs: number, onTick: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  tickEvery: (everyMs, onTick) => {
    const interval = setInterval(onTick, everyMs);
    return () => clearInterval(interval);
  },
};
