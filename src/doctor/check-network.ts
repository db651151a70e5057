import { X509Certificate } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { type Config, SIP_TLS_PORT } from '../config.ts';
import { bad, doubtful, type Finding, good } from './finding.ts';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** Ports, addresses others are told, certificates, who may come in. */
export async function checkNetwork(config: Config, isRunning: boolean): Promise<Finding[]> {
  const ports = isRunning ? [good('ports', 'the service holds them')] : await checkPorts(config);
  return [...ports, checkSipAddress(config), checkHttp(config), ...checkCertificates(config)];
}

async function checkPorts(config: Config): Promise<Finding[]> {
  const { SIP_HOST: sip, SIP_PORT: sipPort, HTTP_HOST: http, HTTP_PORT: httpPort } = config;
  const isEmbedded = config.SIP_ENGINE === 'embedded';
  const hasTls = config.SIP_TLS_CERTIFICATE_FILE !== undefined;
  return Promise.all([
    ...(isEmbedded ? [checkUdp(sip, sipPort), checkTcp('SIP over TCP', sip, sipPort)] : []),
    ...(isEmbedded && hasTls ? [checkTcp('SIP over TLS', sip, config.SIP_TLS_PORT ?? SIP_TLS_PORT)] : []),
    checkTcp('postback API', http, httpPort),
  ]);
}

async function checkUdp(address: string, port: number): Promise<Finding> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const bound = once(socket, 'listening');
  socket.bind(port, address);
  return bound.then(
    () => {
      socket.close();
      return good('SIP over UDP', `${address}:${port} is free`);
    },
    (error: NodeJS.ErrnoException) => taken('SIP over UDP', address, port, error),
  );
}

async function checkTcp(what: string, address: string, port: number): Promise<Finding> {
  const server = createServer();
  const bound = once(server, 'listening');
  server.listen(port, address);
  return bound.then(
    () => {
      server.close();
      return good(what, `${address}:${port} is free`);
    },
    (error: NodeJS.ErrnoException) => taken(what, address, port, error),
  );
}

function taken(what: string, address: string, port: number, { code, message }: NodeJS.ErrnoException): Finding {
  const where = `${address}:${port}`;
  if (code === 'EADDRINUSE')
    return bad(what, `${where} is taken`, `ss -lnp "sport = :${port}" shows by whom; end it, or choose another port`);
  if (code === 'EADDRNOTAVAIL')
    return bad(what, `${address} is no address of this machine`, 'ip -brief address shows them');
  if (code === 'EACCES')
    return bad(
      what,
      `this user may not listen on ${where}`,
      'choose a port above 1023, or allow it (CAP_NET_BIND_SERVICE)',
    );
  return bad(what, `${where}: ${message}`, 'choose another address or port');
}

/** What stands in Via and Contact must be reachable for carriers and buyers. */
function checkSipAddress({ SIP_ENGINE: engine, SIP_HOST: host, SIP_ADVERTISED_HOST: advertised }: Config): Finding {
  if (engine === 'drachtio') return good('SIP address', 'told by the drachtio-server');
  const told = advertised ?? host;
  const range = ipaddr.process(told).range();
  if (range === 'loopback') {
    return doubtful(
      'SIP address',
      `others are told ${told}: only this machine can call`,
      'set SIP_HOST (and SIP_ADVERTISED_HOST behind NAT)',
    );
  }
  if (range !== 'unicast') {
    const remedy = 'right in a private network; else set SIP_ADVERTISED_HOST to the public address';
    return doubtful('SIP address', `others are told ${told}, which is ${range}`, remedy);
  }
  return good('SIP address', `others are told ${told}`);
}

function checkHttp(config: Config): Finding {
  const { HTTP_HOST: host, HTTP_TLS_CERTIFICATE_FILE: certificate, OPERATOR_TOKEN: token } = config;
  const isLocal = host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
  if (isLocal && config.PUBLIC_URL === undefined) {
    const remedy = 'put a reverse proxy in front (and PUBLIC_URL, HTTP_TRUSTED_PROXIES), or set HTTP_HOST';
    return doubtful('postbacks', `only this machine reaches ${host}`, remedy);
  }
  if (isLocal) return good('postbacks', `${config.PUBLIC_URL}, through a proxy`);
  if (certificate === undefined) {
    const remedy =
      'keys travel in these URLs: set HTTP_TLS_CERTIFICATE_FILE and HTTP_TLS_KEY_FILE, or a proxy with TLS';
    return doubtful('postbacks', `${host} without TLS`, remedy);
  }
  if (token !== undefined) return good('postbacks', `${host} with TLS`);
  return doubtful('postbacks', 'no OPERATOR_TOKEN: /api is for this machine alone', 'set one to use it from elsewhere');
}

function checkCertificates(config: Config): Finding[] {
  const files = {
    'SIP certificate': config.SIP_TLS_CERTIFICATE_FILE,
    'HTTP certificate': config.HTTP_TLS_CERTIFICATE_FILE,
  };
  return Object.entries(files).flatMap(([what, file]) => (file === undefined ? [] : [checkCertificate(what, file)]));
}

function checkCertificate(what: string, file: string): Finding {
  try {
    const { validTo, subjectAltName = 'no name' } = new X509Certificate(readFileSync(file));
    const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
    const text = `${file} for ${subjectAltName}, good for ${days} days`;
    if (days < 0)
      return bad(what, `${file} has run out on ${validTo}`, 'renew it: a running service takes the new file by itself');
    return days < SOON_DAYS
      ? doubtful(what, text, 'renew it: a running service takes the new file by itself')
      : good(what, text);
  } catch (error) {
    return bad(what, `${file}: ${(error as Error).message}`, 'name a certificate in PEM that this user may read');
  }
}
