import type { Endpoint, ListenRequest } from './endpoint.ts';

const attempts = 5;

/**
 * Opens all or none. Requests for port 0 on one address get one number for UDP and TCP, so that a peer that changes from
 * one to the other finds us.
 */
export async function openEndpoints(
  requests: readonly ListenRequest[],
  open: (request: ListenRequest) => Promise<Endpoint>,
): Promise<Endpoint[]> {
  for (let attempt = 1; ; attempt += 1) {
    const opened: Endpoint[] = [];
    try {
      for (const request of requests) opened.push(await open({ ...request, port: portFor(request, opened) }));
      return opened;
    } catch (error) {
      await Promise.all(opened.map((endpoint) => endpoint.close()));
      if (attempt === attempts || !mayHelpToRetry(error, requests)) throw error;
    }
  }
}

/** The number another protocol got on this address, when this one is free to take any. */
function portFor(request: ListenRequest, opened: readonly Endpoint[]): number {
  if (request.port !== 0 || request.protocol === 'tls') return request.port;
  const own = opened.filter(({ point }) => point.address === request.address && point.protocol !== 'tls');
  const isTaken = own.some(({ point }) => point.protocol === request.protocol);
  return isTaken ? 0 : (own[0]?.point.port ?? 0);
}

function mayHelpToRetry(error: unknown, requests: readonly ListenRequest[]): boolean {
  return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' && requests.some((request) => request.port === 0);
}
