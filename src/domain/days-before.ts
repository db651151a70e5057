const DAY_MS = 86_400_000;

/** The instant so many times 24 hours ago. */
export function daysBefore(now: number, days: number): number {
  return now - days * DAY_MS;
}
