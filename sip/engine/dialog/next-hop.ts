import { parseSipUri } from '../message/uri.ts';
import { resolveLiteral } from '../transport/resolve/resolver.ts';
import type { Target } from '../transport/transport.ts';
import { type Core, protocolsOf, reachable } from './core.ts';
import type { Dialog } from './dialog.ts';
import { type Routing, routeTo } from './route-set.ts';

const DEFAULT_PORT = 5060;
const PRIVATE_ADDRESS = /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/;

/**
 * Calls `use` with the way to the dialog's peer, at once for address literals, else after the look-up. A peer whose
 * name does not resolve, or to a transport or address family we do not speak, is tried where it was last heard from.
 */
export function withRoute<Result>(
  core: Core,
  dialog: Dialog,
  use: (routing: Routing, target: Target) => Result,
): Result | Promise<Result> {
  const routing = routeTo(dialog.remoteTarget, dialog.routeSet);
  if (followsFlow(core, dialog, routing)) return use(routing, dialog.peer);
  const found = resolve(core, routing.nextHop);
  if (!(found instanceof Promise)) return use(routing, wayTo(core, dialog, found));
  return found.then(
    (targets) => use(routing, wayTo(core, dialog, reachable(core, targets)[0])),
    () => use(routing, dialog.peer),
  );
}

/** Undefined when the URI cannot be used at all. */
function resolve(core: Core, uri: string): Target | Promise<Target[]> | undefined {
  const protocols = protocolsOf(core);
  try {
    return resolveLiteral(uri, protocols) ?? core.options.resolve(uri, protocols);
  } catch {
    return undefined;
  }
}

function wayTo(core: Core, dialog: Dialog, target: Target | undefined): Target {
  const isReachable = target !== undefined && core.transactions.transport.listeningPointFor(target) !== undefined;
  return isReachable ? viaFlow(dialog, target) : dialog.peer;
}

/** Same listening point as before; over a stream the dialog's connection while it is open (RFC 3261 §18.1.1). */
function viaFlow({ peer }: Dialog, target: Target): Target {
  if (target.protocol !== peer.protocol || peer.from === undefined) return target;
  if (peer.protocol !== 'udp') return { ...peer, otherwise: target };
  const isThere = target.address === peer.address && target.port === peer.port;
  return isThere ? peer : { ...target, from: peer.from };
}

/** NAT aid: true when the peer's own word for its address cannot be what we see. */
function followsFlow(core: Core, dialog: Dialog, routing: Routing): boolean {
  if (!core.options.natAid || dialog.peer.protocol !== 'udp') return false;
  const hop = hostAndPort(routing.nextHop);
  if (hop === undefined) return true;
  if (dialog.routeSet.length > 0)
    return dialog.role === 'uac' && PRIVATE_ADDRESS.test(hop.host) && differs(hop, dialog);
  return differs(hop, dialog);
}

function differs(hop: { host: string; port: number }, { peer, role }: Dialog): boolean {
  return hop.host !== peer.address || (role === 'uas' && hop.port !== peer.port);
}

function hostAndPort(uri: string): { host: string; port: number } | undefined {
  try {
    const { host, port } = parseSipUri(uri);
    return { host, port: port ?? DEFAULT_PORT };
  } catch {
    return undefined;
  }
}
