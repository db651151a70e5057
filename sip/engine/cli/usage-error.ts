/** The command line cannot be used; `message` says what to write instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
