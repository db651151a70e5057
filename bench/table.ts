/** A table that grows row by row while the measuring goes on. */
export interface Table {
  row(...cells: readonly (string | number)[]): void;
}

/**
 * Prints title and head at once. `columns`: title and width; the width counts for figures, which stand to the right.
 * Width 0: words, to the left, as the last column.
 */
export function startTable(title: string, columns: ReadonlyArray<readonly [title: string, width: number]>): Table {
  const line = (cells: readonly (string | number)[]) =>
    columns.map(([, width], i) => String(cells[i] ?? '').padStart(width)).join('  ');
  const heads = columns.map(([head]) => head);
  console.log(`\n${title}\n  ${line(heads)}`);
  console.log(`  ${columns.map(([head, width]) => '-'.repeat(Math.max(head.length, width))).join('  ')}`);
  return { row: (...cells) => console.log(`  ${line(cells)}`) };
}

/** `1234.5` as `1,235`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `0.0123` as `1.2 %`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(share === 0 || share >= 0.1 ? 0 : 1)} %`;
}

/** A duration in ms, with as many decimals as it can carry. */
export function ms(value: number): string {
  if (value === 0) return '0';
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
