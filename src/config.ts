import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseEnv } from 'node:util';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** The settings cannot be used; `message` is for the operator's terminal. */
export class ConfigError extends Error {
  readonly code = 'config_invalid';
}

const port = z.coerce
  .number('write a port number')
  .int()
  .min(0, 'write a port from 0 to 65535')
  .max(65_535, 'write a port from 0 to 65535');
const host = z.string().min(1, 'write an address or a host name');
const ip = z.string().refine((text) => isIP(text) !== 0, 'write an IP address');
const networks = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine(
    (list) => list.every((part) => ipaddr.isValidCIDR(part) || ipaddr.isValid(part)),
    'write blocks like 10.1.0.0/16, separated by commas',
  );
const file = z.string().min(1, 'write the path of a file');
const secret = z.string().min(16, 'write at least 16 characters').optional();

/** Where SIP over TLS is expected (RFC 3261 §19.1.2). */
export const SIP_TLS_PORT = 5061;

/** Every setting with its default and one line of what it does. The README shows this table. */
const settings = {
  ACCOUNT_FILE: z.string().min(1).default('account.yaml').describe('carriers, buyers, campaigns and numbers (YAML)'),
  ACCOUNT_SOURCE: z
    .enum(['file', 'database'], 'write file or database')
    .default('file')
    .describe('where the account is kept: ACCOUNT_FILE, or the database, changed by the API and "bridge account"'),
  DATA_DIR: z.string().min(1).default('data').describe('folder of the database and of the secret for call keys'),
  HTTP_HOST: host.default('127.0.0.1').describe('address the postback API listens on'),
  HTTP_PORT: port.default(8080).describe('port of the postback API; 0 picks a free one'),
  HTTP_TLS_CERTIFICATE_FILE: file
    .optional()
    .describe('certificate of the API and those after it (PEM): it then speaks HTTPS; renewed files are noticed'),
  HTTP_TLS_KEY_FILE: file.optional().describe('with HTTP_TLS_CERTIFICATE_FILE: its private key (PEM)'),
  HTTP_TRUSTED_PROXIES: networks
    .default([])
    .describe('reverse proxies in front of the API, e.g. 127.0.0.1: whom they name in X-Forwarded-For is the source'),
  PUBLIC_URL: z
    .string()
    .regex(/^https?:\/\/[^\s/?#@]+$/, 'write how others reach the API, like https://bridge.example')
    .optional()
    .describe('how others reach the API, for the postback instructions, e.g. https://bridge.example'),
  SIP_ENGINE: z
    .enum(['embedded', 'drachtio'], 'write embedded or drachtio')
    .default('embedded')
    .describe('built-in SIP engine, or a drachtio-server of yours'),
  SIP_HOST: ip
    .default('127.0.0.1')
    .describe('address the embedded engine listens on and, unless SIP_ADVERTISED_HOST is set, tells others'),
  SIP_PORT: port.default(5060).describe('UDP and TCP port of the embedded engine; 0 picks a free one'),
  SIP_ADVERTISED_HOST: ip
    .optional()
    .describe('public address to put into Via and Contact, behind NAT or with SIP_HOST=0.0.0.0'),
  SIP_LOCAL_NETWORKS: networks
    .default([])
    .describe(
      'networks on our side of the NAT, e.g. 10.0.0.0/8: they are told the address they see, not the public one',
    ),
  SIP_UNKNOWN_SOURCES: z
    .enum(['refuse', 'silence'], 'write refuse or silence')
    .default('refuse')
    .describe('what calls from unknown addresses get: 403, or no answer at all as if nobody were here'),
  SIP_TLS_CERTIFICATE_FILE: file
    .optional()
    .describe(
      'our certificate and those after it (PEM); set it to take and place calls by TLS; renewed files are noticed',
    ),
  SIP_TLS_KEY_FILE: file.optional().describe('with SIP_TLS_CERTIFICATE_FILE: its private key (PEM)'),
  SIP_TLS_PORT: port.optional().describe('with SIP_TLS_CERTIFICATE_FILE: port for TLS (5061 when not set)'),
  SIP_TLS_AUTHORITIES_FILE: file
    .optional()
    .describe('authorities to trust instead of those everybody trusts (PEM), for certificates of buyers and carriers'),
  SIP_TLS_CLIENT_CERTIFICATES: z
    .enum(['no', 'optional', 'required'], 'write no, optional or required')
    .optional()
    .describe('whether carriers that call by TLS must show a certificate of a trusted authority (no when not set)'),
  SIP_TRACE: z
    .string()
    .min(1)
    .optional()
    .describe('log the SIP messages of calls in which this text occurs, a number or a Call-ID; keys are masked'),
  SIP_MESSAGES_DAYS: z.coerce
    .number('write a number')
    .int('write a whole number')
    .min(1, 'write 1 or more')
    .max(365, 'write 365 or less')
    .optional()
    .describe('keep the SIP messages of each call for so many days, keys and passwords masked; not kept when not set'),
  SESSION_TIMER_SECONDS: z.coerce
    .number('write a number')
    .int('write a whole number')
    .min(90, 'write 90 or more (RFC 4028)')
    .max(86_400, 'write 86400 or less')
    .default(1800)
    .describe('a leg whose other side has not been heard of for so long is ended (RFC 4028); 90 or more'),
  PROBE_SECONDS: z.coerce
    .number('write a number')
    .int('write a whole number')
    .min(1, 'write 1 or more')
    .max(86_400, 'write 86400 or less')
    .default(300)
    .describe('how often a buyer without a session timer is asked (OPTIONS, then re-INVITE) whether it is still there'),
  DRAIN_SECONDS: z.coerce
    .number('write a number')
    .int('write a whole number')
    .min(0, 'write 0 or more')
    .max(86_400, 'write 86400 or less')
    .default(60)
    .describe('how long running calls may go on after SIGTERM; then both legs are hung up'),
  DRACHTIO_HOST: host.optional().describe('with SIP_ENGINE=drachtio: where drachtio-server listens for applications'),
  DRACHTIO_PORT: port.optional().describe('with SIP_ENGINE=drachtio: its port (9022 when not set)'),
  DRACHTIO_SECRET: z.string().min(1).optional().describe('with SIP_ENGINE=drachtio: its shared secret'),
  CALL_KEY_SECRET: secret.describe('secret the call keys are derived from; created in DATA_DIR when not set'),
  OPERATOR_TOKEN: secret
    .refine((text) => text === undefined || /^[\x21-\x7e]+$/.test(text), 'write it without blanks (RFC 6750)')
    .describe('bearer token for /api/v1; without it only this machine may use it'),
  POSTBACKS_PER_SECOND: z.coerce
    .number('write a number')
    .min(1, 'write 1 or more')
    .max(1_000_000, 'write 1000000 or less')
    .default(100)
    .describe('postbacks one source may send per second, five times as many in a burst; 429 beyond'),
  WEBHOOK_ALLOWED_NETWORKS: networks
    .default([])
    .describe('own networks webhooks may reach, e.g. 10.1.0.0/16; private addresses are refused otherwise'),
  RETENTION_DAYS: z.coerce
    .number('write a number')
    .int('write a whole number')
    .min(31, 'write 31 or more: a sale still counts for 30 days after the decision')
    .max(36_500, 'write 36500 or less')
    .optional()
    .describe(
      'calls that ended so many days ago are removed every night, with their money; kept for ever when not set',
    ),
  NODE_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'write letters, digits, ".", "-" and "_"')
    .default('bridge')
    .describe('name of this node; keep it over restarts'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'write debug, info, warn, error or silent')
    .default('info')
    .describe('least severe log line written'),
} as const;

const schema = z.object(settings);
type Settings = z.infer<typeof schema>;

/** The settings of one installation, checked. */
export type Config = Readonly<Settings>;

/** Name, default and meaning of every setting, for the documentation's table. */
export function describeSettings(): { name: string; fallback: string; meaning: string }[] {
  return Object.entries(settings).map(([name, type]) => {
    const fallback = type.safeParse(undefined).data;
    return { name, fallback: String(fallback ?? ''), meaning: type.description ?? '' };
  });
}

/** Environment over `.env` (where there is one) over defaults. Throws ConfigError naming each setting and its remedy. */
export function loadConfig(environment: NodeJS.ProcessEnv, dotenvFile = '.env'): Config {
  const file = readDotenv(dotenvFile);
  const problems = [
    ...unknownNames(Object.keys(file), () => true, dotenvFile),
    ...unknownNames(Object.keys(environment), looksLikeOurs, 'the environment'),
  ];
  const parsed = schema.safeParse(withoutBlanks({ ...file, ...environment }));
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  } else {
    problems.push(...contradictions(parsed.data, withoutBlanks({ ...file, ...environment })));
    if (problems.length === 0) return parsed.data;
  }
  throw new ConfigError(['The settings cannot be used:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
}

function readDotenv(path: string): Record<string, string | undefined> {
  try {
    return { ...parseEnv(readFileSync(path, 'utf8')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigError(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function withoutBlanks(values: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
}

/** The environment is shared with other programs: only names that can be meant for this one are judged. */
function looksLikeOurs(name: string): boolean {
  return (
    /^(SIP|DRACHTIO|ACCOUNT|CALL_KEY|WEBHOOK|OPERATOR|POSTBACKS)_/.test(name) ||
    /^HTTP_(HOST|PORT|TRUSTED|TLS).+$/.test(name)
  );
}

function unknownNames(names: readonly string[], judged: (name: string) => boolean, where: string): string[] {
  const known = Object.keys(settings);
  return names
    .filter((name) => judged(name) && !known.includes(name))
    .map((name) => `${name} in ${where} is not a setting: remove it or write one of ${known.join(', ')}`);
}

function contradictions(config: Settings, given: Record<string, string | undefined>): string[] {
  const unused = config.SIP_ENGINE === 'embedded' ? /^DRACHTIO_/ : /^SIP_(?!ENGINE$)/;
  const problems = Object.keys(settings)
    .filter((name) => unused.test(name) && given[name] !== undefined)
    .map((name) => `${name} has no effect with SIP_ENGINE=${config.SIP_ENGINE}: remove one of the two`);
  if (
    config.SIP_ENGINE === 'drachtio' &&
    (config.DRACHTIO_HOST === undefined || config.DRACHTIO_SECRET === undefined)
  ) {
    problems.push('SIP_ENGINE=drachtio needs DRACHTIO_HOST and DRACHTIO_SECRET: set both');
  }
  if (config.SIP_ENGINE === 'drachtio' && config.SIP_MESSAGES_DAYS !== undefined) {
    problems.push('SIP_MESSAGES_DAYS is for the embedded engine: remove it, drachtio-server has a log of its own');
  }
  if (config.SIP_ENGINE === 'embedded' && config.SIP_PORT === config.HTTP_PORT && config.SIP_PORT !== 0) {
    problems.push(`SIP_PORT and HTTP_PORT are both ${config.SIP_PORT}, and both listen on TCP: change one`);
  }
  if ((config.HTTP_TLS_CERTIFICATE_FILE === undefined) !== (config.HTTP_TLS_KEY_FILE === undefined)) {
    problems.push('HTTP_TLS_CERTIFICATE_FILE and HTTP_TLS_KEY_FILE belong together: set both or remove both');
  }
  problems.push(...tlsContradictions(config), ...networkContradictions(config));
  const wildcard = config.SIP_HOST === '0.0.0.0' || config.SIP_HOST === '::';
  if (wildcard && config.SIP_ADVERTISED_HOST === undefined) {
    problems.push(
      `SIP_HOST=${config.SIP_HOST} cannot be told to others: set SIP_ADVERTISED_HOST to the address they reach`,
    );
  }
  return problems;
}

function tlsContradictions(config: Config): string[] {
  const { SIP_TLS_CERTIFICATE_FILE: certificate, SIP_TLS_KEY_FILE: key } = config;
  if (certificate === undefined) {
    return Object.keys(settings)
      .filter((name) => name.startsWith('SIP_TLS_') && config[name as keyof Config] !== undefined)
      .map((name) => `${name} has no effect without SIP_TLS_CERTIFICATE_FILE: set that too or remove it`);
  }
  const problems = key === undefined ? ['SIP_TLS_CERTIFICATE_FILE needs SIP_TLS_KEY_FILE: set both'] : [];
  const port = config.SIP_TLS_PORT ?? SIP_TLS_PORT;
  for (const other of ['SIP_PORT', 'HTTP_PORT'] as const) {
    if (port === config[other] && port !== 0) {
      problems.push(`SIP_TLS_PORT and ${other} are both ${port}, and both listen on TCP: change one`);
    }
  }
  return problems;
}

function networkContradictions({ SIP_LOCAL_NETWORKS: local, SIP_ADVERTISED_HOST: advertised }: Config): string[] {
  if (local.length === 0 || advertised !== undefined) return [];
  return ['SIP_LOCAL_NETWORKS has no effect without SIP_ADVERTISED_HOST: set that too or remove it'];
}
