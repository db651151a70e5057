import { Refusal, refuse } from '../dialog/refusal.ts';
import type { UserAgent } from '../dialog/user-agent.ts';
import { parseSipUri } from '../message/uri.ts';
import { destinationOf } from '../proxy/destination.ts';
import type { Plan } from '../proxy/proxied-request.ts';
import type { StatefulProxy } from '../proxy/stateful-proxy.ts';
import { parseApplicationMessage } from './application-message.ts';
import type { Command } from './command.ts';
import type { Connection } from './connection.ts';

/**
 * Proxies a request the application was given:
 *
 *     proxy|<transactionId>|remainInDialog|fullResponse|followRedirects|simultaneous|<timeout>|<timeout>|<URI>|<URI>…
 *
 * and tells it of each final response in a frame that leaves the command open, then `done`.
 */
export function proxyRequest(
  userAgent: UserAgent,
  proxy: StatefulProxy,
  connection: Connection,
  command: Command,
): void {
  const [transactionId = '', remains, full, follows, forking, provisional = '', final = '', ...uris] = command.args;
  const draft = parseApplicationMessage(command.message);
  const destinations = uris.filter((uri) => uri !== '').map(usableUri);
  if (destinations.length === 0) refuse('badRequestUri');
  const timeouts = { provisionalMs: milliseconds(provisional), finalMs: milliseconds(final) };
  const handedOver = userAgent.handOver(transactionId);
  const plan: Plan = {
    ...timeouts,
    destinations: destinations.map((uri) => destinationOf(uri, handedOver.request)),
    isParallel: forking === 'simultaneous',
    followsRedirects: follows === 'followRedirects',
    recordRoute: remains === 'remainInDialog' ? proxy.recordRoute : undefined,
    headers: draft?.headers,
  };
  const wantsAll = full === 'fullResponse';
  proxy.forward(handedOver, plan, {
    onFinal: ({ response, from }) => wantsAll && connection.proxied(command.id, response, from),
    onDone: () => connection.ok(command.id, 'done'),
  });
}

function usableUri(uri: string): string {
  try {
    if (parseSipUri(uri).scheme !== 'tel') return uri;
  } catch {
    // Refused as a tel URI is, which names no host.
  }
  return refuse('badRequestUri');
}

/** `2s`, `1500ms` or a bare number of milliseconds; undefined when empty. */
function milliseconds(text: string): number | undefined {
  if (text === '') return undefined;
  const words = /^(\d{1,9})(ms|s)?$/.exec(text.trim());
  if (words === null) throw new Refusal(`timeout ${text} is not understood`);
  return Number(words[1]) * (words[2] === 's' ? 1_000 : 1);
}
