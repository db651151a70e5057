import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A call as the API shows it: names to plain values. */
type Flat = Readonly<Record<string, string | number | boolean | null>>;

export type ExportFormat = 'csv' | 'ndjson';

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
};

/**
 * Writes page after page as they come and no faster than they are read, so that memory stays flat. A client that goes away
 * ends it. The first page must be there before, so that an error can still be told by its status.
 */
export async function sendExport(
  res: ServerResponse,
  format: ExportFormat,
  columns: readonly string[],
  pages: AsyncIterable<readonly Flat[]>,
): Promise<void> {
  const iterator = pages[Symbol.asyncIterator]();
  let page = await iterator.next();
  res.writeHead(200, {
    'content-type': TYPES[format],
    'content-disposition': `attachment; filename="calls.${format}"`,
  });
  if (format === 'csv') res.write(csvLine(columns));
  for (; page.done !== true && !res.destroyed; page = await iterator.next()) {
    const lines = page.value.map((row) =>
      format === 'csv' ? csvLine(columns.map((name) => row[name])) : `${JSON.stringify(row)}\n`,
    );
    if (lines.length > 0 && !res.write(lines.join(''))) await Promise.race([once(res, 'drain'), once(res, 'close')]);
  }
  res.end();
}

/** RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe before it. */
function csvLine(values: readonly (string | number | boolean | null | undefined)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: string | number | boolean | null | undefined): string {
  const text =
    typeof value === 'string' && /^[=+\-@\t\r]/.test(value) && !/^\+\d+$/.test(value)
      ? `'${value}`
      : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
