const remedies: Record<string, string> = {
  EADDRINUSE: 'something listens there already; stop it or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address; see "ip address"',
  EACCES: 'ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)',
};

/** An error at the start, as one line that says what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '', address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const remedy = remedies[code];
  return remedy === undefined ? error.message : `cannot listen on ${address} port ${port}: ${remedy}`;
}
