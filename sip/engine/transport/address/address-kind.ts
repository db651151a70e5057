/** Of what is known to be an address: no IPv4 one has a colon. */
export function isIpv6Literal(address: string): boolean {
  return address.includes(':');
}

/** A wildcard: listens on every address. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** RFC 1918, RFC 4193, and what does not leave the link or the machine. */
export function isPrivate(address: string): boolean {
  return /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|127\.|f[cd]|fe80|::1$)/i.test(address);
}

/** `fe80::1%eth0` without the zone, which means nothing to others (RFC 4007 §11.2). */
export function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}

/** The eight groups of an IPv6 address that is not written with dots, zone left out (RFC 4291 §2.2). */
export function ipv6Groups(address: string): string[] {
  const [head = [], tail = []] = withoutZone(address)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail];
}
