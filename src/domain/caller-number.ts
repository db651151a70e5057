/**
 * What networks put in place of a number they withhold or do not know: words typed on a telephone's keys, with and
 * without a country code before them.
 */
const SPELT_WORDS = [
  '266696687', // ANONYMOUS
  '86282452253', // UNAVAILABLE
  '7378742833', // RESTRICTED
  '8656696', // UNKNOWN
  '7748283', // PRIVATE
  '2562533', // BLOCKED
  '688632732', // OUTOFAREA
  '94844353', // WITHHELD
  '72974663', // PAYPHONE
];

const COUNTING = /^1?(0123456789|1234567890?|9876543210?)$/;

/** A number that belongs to nobody: spelt words, one digit over and over, counting up or down. */
export function isPlaceholderNumber(e164: string): boolean {
  const digits = e164.slice(1);
  if (SPELT_WORDS.some((word) => digits === word || digits === `1${word}`)) return true;
  return /(\d)\1{6}$/.test(digits) || COUNTING.test(digits);
}

/** Whether two calls from this number are two calls of one person: not when it is hidden, shared or made up (semantics §6). */
export function countsAsRepeat(callerNumber: string | undefined, shared: ReadonlySet<string>): boolean {
  return callerNumber !== undefined && !shared.has(callerNumber) && !isPlaceholderNumber(callerNumber);
}
