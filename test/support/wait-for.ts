import { inspect } from 'node:util';

export interface WaitOptions {
  /** Deadline, 5 s unless told. */
  timeoutMs?: number;
  /** Pause between two looks, 10 ms unless told. */
  everyMs?: number;
}

/**
 * Polls until `look` gives something truthy and returns it. What it throws counts as "not yet".
 * The error names what was awaited and what the last look saw.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 5_000, everyMs = 10 }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { value, seen, cause } = await attempt(look);
    if (value) return value;
    if (performance.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${seen}`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function attempt<T>(look: () => T | Promise<T>): Promise<{ value?: T; seen: string; cause?: unknown }> {
  try {
    const value = await look();
    return { value, seen: inspect(value, { depth: 3, breakLength: 120 }) };
  } catch (error) {
    return { seen: String(error), cause: error };
  }
}
