/** Those of the numbers that look most like the one that is not there, for whoever mistyped it. */
export function nearestNumbers(wanted: string, known: readonly string[], most = 3): string[] {
  const digits = digitsOf(wanted);
  return known
    .map((number) => ({ number, distance: editDistance(digits, digitsOf(number)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ number }) => number);
}

function digitsOf(text: string): string {
  return text.replaceAll(/\D/g, '').slice(0, 20);
}

/** Digits to add, leave out or change (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const change = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
