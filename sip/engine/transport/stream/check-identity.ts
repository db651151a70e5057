import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * An error unless the certificate belongs to `name`, the host of the URI before any look-up (RFC 5922 §7): a SIP URI
 * among its subject's names counts besides host names and addresses.
 * DEVIATION (RFC 5922 §7.2): `*.example.com` is taken for one label; carriers use such certificates.
 */
export function checkIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  return sipDomains(certificate).includes(name.toLowerCase()) ? undefined : checkServerIdentity(name, certificate);
}

/** Domains given as `URI:sip:example.com`; one with a user part names a person, not a domain (RFC 5922 §7.1). */
function sipDomains({ subjectaltname = '' }: PeerCertificate): string[] {
  return Array.from(subjectaltname.matchAll(/(?:^|, )URI:sip:([\w.-]+)(?=,|$)/gi), ([, domain]) =>
    domain!.toLowerCase(),
  );
}
