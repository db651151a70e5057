import { stripVTControlCharacters } from 'node:util';

/** Colours where the terminal has them (https://no-color.org), plain text elsewhere. */
const COLOURS = !isSet('NO_COLOR') && (process.stdout.isTTY || isSet('FORCE_COLOR'));

/** An empty variable counts as none. */
function isSet(name: string): boolean {
  return (process.env[name] ?? '') !== '';
}

function paint(code: string): (text: string) => string {
  return (text) => (COLOURS ? `\x1b[${code}m${text}\x1b[0m` : text);
}

export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');
export const yellow = paint('33');
export const blue = paint('34');
export const cyan = paint('36');

/** Columns a text takes, without its colours. */
export function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - widthOf(text))) + text;
}

/** Shows who holds a key without giving it away: `4f2a………`. */
export function maskKey(key: string): string {
  return `${key.slice(0, 4)}${'•'.repeat(8)}`;
}
