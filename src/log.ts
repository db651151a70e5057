import { type DestinationStream, type LoggerOptions, pino } from 'pino';

export type { Logger } from 'pino';

/** Where a secret may stand in a logged object, one and two levels down (semantics §2). */
const SECRETS = ['key', 'call_key', 'callKey', 'secret', 'token', 'password', 'authorization', 'Authorization'];
const SECRET_PATHS = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** JSON lines with constant messages (style §3.4); secrets are replaced whatever the level. */
export function createLog(level: string, destination?: DestinationStream) {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
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
