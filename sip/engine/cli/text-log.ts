import type { Log } from '../transaction/log.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof levels)[number];

/** A log for people: time, level, message and fields on a line; a field of several lines stands below it, indented. */
export function textLog(least: LogLevel, write: (text: string) => void, now: () => Date = () => new Date()): Log {
  return (level, message, fields) => {
    if (levels.indexOf(level) < levels.indexOf(least)) return;
    const texts = Object.entries(fields).map(([name, value]) => [name, textOf(value)] as const);
    const short = texts.filter(([, text]) => !text.includes('\n')).map(([name, text]) => ` ${name}=${quoted(text)}`);
    const long = texts.filter(([, text]) => text.includes('\n')).map(([, text]) => `\n${indented(text)}`);
    write(`${now().toISOString()} ${level.padEnd(5)} ${message}${short.join('')}${long.join('')}\n`);
  };
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message.trim();
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** What peers send must not pass for fields or lines of ours. */
const quoted = (text: string): string => (/^[\w.:/@+-]+$/.test(text) ? text : JSON.stringify(text));

/** Control characters could steer the reader's terminal. */
const indented = (text: string): string =>
  text
    .replace(/[\x00-\x08\x0b-\x1f\x7f]/g, '')
    .trimEnd()
    .replace(/^/gm, '    ');
