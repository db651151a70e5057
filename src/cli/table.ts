import { bold, dim, padEnd, padStart, widthOf } from './style.ts';

export interface Column {
  readonly head: string;
  readonly align?: 'right';
}

/** A table with a line under its head; cells may be coloured. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ head }, index) =>
    Math.max(widthOf(head), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const pad = (text: string, index: number) => {
    const width = widths[index] ?? 0;
    return columns[index]?.align === 'right' ? padStart(text, width) : padEnd(text, width);
  };
  const line = (cells: readonly string[]) => `  ${cells.map(pad).join('  ')}`.trimEnd();
  const rule = dim(`  ${widths.map((width) => '─'.repeat(width)).join('  ')}`.trimEnd());
  return [line(columns.map(({ head }) => bold(head))), rule, ...rows.map(line)].join('\n');
}
