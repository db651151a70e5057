import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { parseHostPort } from '../message/host-port.ts';
import type { EngineOptions } from '../options.ts';
import { defaultTimers } from '../transaction/timer-settings.ts';
import { isLoopback } from '../transport/address/address-kind.ts';
import type { Protocol } from '../transport/transport.ts';
import type { LogLevel } from './text-log.ts';
import { UsageError } from './usage-error.ts';

/** All options there are; `usage.ts` describes them. */
export const flags = {
  sip: { type: 'string', multiple: true },
  'external-ip': { type: 'string' },
  'local-net': { type: 'string', multiple: true },
  control: { type: 'string', default: '127.0.0.1:9022' },
  secret: { type: 'string' },
  'secret-file': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-authorities': { type: 'string' },
  'tls-clients': { type: 'string' },
  'dangerously-accept-any-server': { type: 'boolean' },
  t1: { type: 'string' },
  t2: { type: 'string' },
  t4: { type: 'string' },
  'udp-max-request': { type: 'string' },
  'no-nat-aid': { type: 'boolean' },
  'no-strict-order': { type: 'boolean' },
  trace: { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', short: 'h' },
} as const;

export interface CommandLine {
  readonly logLevel: LogLevel;
  readonly engine: EngineOptions;
}

type Flags = ReturnType<typeof parseFlags>;

/** Throws UsageError. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine | 'help' {
  const given = parseFlags(args);
  if (given.help === true) return 'help';
  return {
    logLevel: oneOf('--log-level', given['log-level'], ['debug', 'info', 'warn', 'error']),
    engine: {
      listen: listenOf(given),
      localNetworks: given['local-net'] ?? [],
      control: hostPort('--control', given.control),
      secret: secretOf(given, environment),
      ...tlsOf(given),
      timers: {
        t1: milliseconds('--t1', given.t1, defaultTimers.t1),
        t2: milliseconds('--t2', given.t2, defaultTimers.t2),
        t4: milliseconds('--t4', given.t4, defaultTimers.t4),
      },
      ...largestOf(given),
      natAid: given['no-nat-aid'] !== true,
      strictOrder: given['no-strict-order'] !== true,
      ...(given.trace === undefined ? {} : { trace: given.trace }),
    },
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message.split('. ')[0]!, { cause });
  }
}

function listenOf(given: Flags): EngineOptions['listen'] {
  const points = (given.sip ?? []).map(listeningPoint);
  if (points.length === 0) throw new UsageError('nothing to listen on: give --sip, e.g. --sip udp/127.0.0.1:5060');
  const external = given['external-ip'];
  if (external === undefined) return points;
  const version = isIP(external);
  if (version === 0) throw new UsageError(`--external-ip ${external}: write an IP address`);
  return points.map((point) =>
    isIP(point.address) === version && !isLoopback(point.address) ? { ...point, advertisedAddress: external } : point,
  );
}

function listeningPoint(text: string): { protocol: Protocol; address: string; port: number } {
  const [, protocol = '', rest = ''] = /^(udp|tcp|tls)\/(.*)$/i.exec(text) ?? [];
  if (protocol === '') throw new UsageError(`--sip ${text}: write it like udp/127.0.0.1:5060, tcp/… or tls/…`);
  return { protocol: protocol.toLowerCase() as Protocol, ...hostPort('--sip', rest) };
}

function hostPort(flag: string, text: string): { address: string; port: number } {
  const wanted = `${flag} ${text}: write an IP address and a port, e.g. 127.0.0.1:5060 or [::1]:5060`;
  try {
    const { host, port } = parseHostPort(text);
    if (isIP(host) !== 0 && port !== undefined) return { address: host, port };
  } catch (cause) {
    throw new UsageError(wanted, { cause });
  }
  throw new UsageError(wanted);
}

function secretOf(given: Flags, environment: NodeJS.ProcessEnv): string {
  const file = given['secret-file'];
  const secret = file === undefined ? (given.secret ?? environment['DRACHTIO_SECRET']) : firstLine(file);
  if (given.secret !== undefined && file !== undefined)
    throw new UsageError('give --secret or --secret-file, not both');
  if (secret === undefined || secret === '') {
    throw new UsageError('applications need a secret: give --secret-file, --secret or DRACHTIO_SECRET');
  }
  return secret;
}

function firstLine(file: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0]!;
  } catch (cause) {
    throw new UsageError(`--secret-file ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

function tlsOf(given: Flags): Pick<EngineOptions, 'tls'> {
  const { 'tls-cert': certificateFile, 'tls-key': keyFile, 'tls-authorities': authoritiesFile } = given;
  const isWanted = given.sip?.some((text) => /^tls\//i.test(text)) === true;
  const clients = oneOf('--tls-clients', given['tls-clients'] ?? 'no', ['no', 'optional', 'required']);
  if (certificateFile === undefined || keyFile === undefined) {
    if (isWanted) throw new UsageError('--sip tls/… needs --tls-cert and --tls-key');
    return {};
  }
  return {
    tls: {
      certificateFile,
      keyFile,
      ...(authoritiesFile === undefined ? {} : { authoritiesFile }),
      clientCertificates: clients,
      dangerouslyAcceptAnyServer: given['dangerously-accept-any-server'] === true,
    },
  };
}

function oneOf<Word extends string>(flag: string, text: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === text);
  if (word === undefined) throw new UsageError(`${flag} ${text}: write ${words.join(', ')}`);
  return word;
}

function largestOf({ 'udp-max-request': text }: Flags): Pick<EngineOptions, 'udpMaxRequestBytes'> {
  if (text === undefined) return {};
  const bytes = Number(text);
  if (!Number.isInteger(bytes) || bytes < 500)
    throw new UsageError(`--udp-max-request ${text}: write bytes, e.g. 1300`);
  return { udpMaxRequestBytes: bytes };
}

function milliseconds(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const ms = Number(text);
  if (!Number.isInteger(ms) || ms < 10 || ms > 60_000) {
    throw new UsageError(`${flag} ${text}: write milliseconds from 10 to 60000`);
  }
  return ms;
}
