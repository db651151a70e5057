import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { der } from './der.ts';

/** PEM texts. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

const algorithm = der.sequence(der.oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
const DAY_MS = 86_400_000;
let serial = 0;

/** An authority of the test's own: nobody trusts it who is not told to. */
export class TestAuthority {
  readonly cert: string;
  readonly #name: string;
  readonly #key: KeyObject;

  constructor(name = 'Test Authority') {
    const { publicKey, privateKey } = newKeys();
    const isAuthority = der.sequence(der.oid('2.5.29.19'), der.yes(), der.bytes(der.sequence(der.yes())));
    this.#name = name;
    this.#key = privateKey;
    this.cert = certificate({ issuer: name, subject: name, publicKey, extension: isAuthority }, privateKey);
  }

  /** A certificate for host names, addresses and `sip:` URIs; for 30 days unless told. */
  issue(names: readonly string[], days = 30): Identity {
    const { publicKey, privateKey } = newKeys();
    const alternatives = der.sequence(der.oid('2.5.29.17'), der.bytes(der.sequence(...names.map(generalName))));
    const parts = { issuer: this.#name, subject: names[0]!, publicKey, extension: alternatives, days };
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { cert: certificate(parts, this.#key), key };
  }
}

interface CertificateParts {
  readonly issuer: string;
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly extension: Buffer;
  readonly days?: number;
}

/** RFC 5280 §4.1 */
function certificate({ issuer, subject, publicKey, extension, days = 30 }: CertificateParts, by: KeyObject): string {
  serial += 1;
  const now = Date.now();
  const body = der.sequence(
    der.explicit(0, der.integer(2)),
    der.integer(serial),
    algorithm,
    nameOf(issuer),
    der.sequence(der.time(new Date(now - 2 * DAY_MS)), der.time(new Date(now + days * DAY_MS))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(extension)),
  );
  const signed = der.sequence(body, algorithm, der.bits(sign('sha256', body, by)));
  const lines = signed
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const nameOf = (text: string): Buffer => der.sequence(der.set(der.sequence(der.oid('2.5.4.3'), der.text(text))));

function generalName(name: string): Buffer {
  if (name.startsWith('sip:')) return der.implicit(6, Buffer.from(name));
  if (isIP(name) === 4) return der.implicit(7, Buffer.from(name.split('.').map(Number)));
  return der.implicit(2, Buffer.from(name));
}
