import ipaddr from 'ipaddr.js';
import { hostOfUri } from './sip-address.ts';

/** Where we are reached ourselves. */
export interface OwnAddress {
  /** IP addresses: those listened on and the advertised one. */
  readonly addresses: readonly string[];
  /** UDP, TCP and TLS ports. */
  readonly ports: readonly number[];
}

const DEFAULT_PORT = 5060;
const DEFAULT_TLS_PORT = 5061;

/** True if a call to this SIP URI would come back to us. A name counts only if it is `localhost`: it is not looked up. */
export function leadsToUs(uri: string, { addresses, ports }: OwnAddress): boolean {
  const host = hostOfUri(uri);
  const address = host === 'localhost' ? '127.0.0.1' : host;
  if (!ports.includes(portOfUri(uri)) || !ipaddr.isValid(address)) return false;
  const sought = ipaddr.process(address).toString();
  return addresses.some((own) => ipaddr.isValid(own) && ipaddr.process(own).toString() === sought);
}

/** The port that is dialled (RFC 3261 §19.1.2). */
function portOfUri(uri: string): number {
  const given = /^sips?:(?:[^@]*@)?(?:\[[^\]]*\]|[^:;?]*):(\d{1,5})/i.exec(uri)?.[1];
  if (given !== undefined) return Number(given);
  return /^sips:|;transport=tls\b/i.test(uri) ? DEFAULT_TLS_PORT : DEFAULT_PORT;
}
