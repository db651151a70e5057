import { type DestinationStream, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

/** Names of what nobody may read in a log, in whatever case (semantics §2). */
const SECRETS = ['key', 'call_key', 'callKey', 'secret', 'token', 'password', 'authorization'];
/** In a line of JSON a quote inside a value has a backslash before it: what this finds is a name. */
const SECRET_NAME = new RegExp(`"(?:${SECRETS.join('|')})":`, 'i');

/**
 * JSON lines with constant messages (style §3.4); secrets are replaced whatever the level. The finished line is looked
 * through, because pino's own redaction takes copies of every object, a third of all memory a call asked for.
 */
export function createLog(level: string, destination?: DestinationStream) {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: { streamWrite: (line) => (SECRET_NAME.test(line) ? withoutSecrets(line) : line) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function withoutSecrets(line: string): string {
  const isSecret = (name: string) => SECRET_NAME.test(`"${name}":`);
  const fields: unknown = JSON.parse(line, (name, value) => (isSecret(name) ? '[redacted]' : value));
  return `${JSON.stringify(fields)}\n`;
}

/** `+14155551234` → `+1415•••34`: enough to find a call again, not to ring its caller. */
export function maskNumber(number: string | null | undefined): string {
  if (number === null || number === undefined || number === '') return 'anonymous';
  if (number.length < 8) return '•••';
  return `${number.slice(0, 5)}•••${number.slice(-2)}`;
}

/** What looks like a call key, wherever it stands: some put it under a name of their own. */
const KEY_LIKE = /(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/gi;

/** A request target without the value of its `key` parameter, however the name is written, and without a partner's token. */
export function maskKey(target: string): string {
  const path = target.replace(/^(\/postbacks\/|\/postback-instructions\/)[^/?#]+/, '$1[redacted]');
  return path.replace(/([?&;](?:k|%6b)(?:e|%65)(?:y|%79)=)[^&;#]*/gi, '$1[redacted]').replace(KEY_LIKE, '[redacted]');
}
