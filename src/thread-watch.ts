/** From one question to the next. */
const EVERY_MS = 5_000;
/** Unanswered questions in a row after which the thread counts as dead: it hangs, or is hopelessly behind. */
const MOST_UNANSWERED = 6;

export interface ThreadWatch {
  stop(): void;
}

/**
 * Asks a thread every few seconds for a sign of life; one that is there but answers no longer is as bad as a dead one. Rounds
 * are counted, not time: when this thread stood still itself, the other has done nothing wrong.
 */
export function watchThread(
  ask: () => Promise<unknown>,
  onSilence: (err: Error) => void,
  everyMs = EVERY_MS,
): ThreadWatch {
  let unanswered = 0;
  const timer = setInterval(() => {
    unanswered += 1;
    if (unanswered > MOST_UNANSWERED) {
      clearInterval(timer);
      onSilence(new Error(`no sign of life for ${(MOST_UNANSWERED * everyMs) / 1_000} s`));
      return;
    }
    ask().then(
      () => {
        unanswered = 0;
      },
      () => undefined, // a thread that is gone tells so by itself
    );
  }, everyMs).unref();
  return { stop: () => clearInterval(timer) };
}
