/** A program that is told to stop takes with it what it started: without this, signals end Node before its `exit` handlers run. */
export function exitOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
