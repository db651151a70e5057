import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly trigger: string;
  readonly callUuid: string;
  readonly method: string;
  readonly query: URLSearchParams;
}

export interface WebhookReceiver {
  readonly baseUrl: string;
  readonly received: readonly ReceivedWebhook[];
  close(): void;
}

/** A publisher's server: takes webhooks on a free loopback port and keeps what came. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://receiver');
    const callUuid = url.searchParams.get('call') ?? '';
    received.push({ trigger: url.pathname.slice(1), callUuid, method: req.method ?? '', query: url.searchParams });
    req.resume();
    res.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    received,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
