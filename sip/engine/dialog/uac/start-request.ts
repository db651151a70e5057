import type { SipRequest } from '../../message/message.ts';
import { serialize } from '../../message/serialize.ts';
import { newId } from '../../transaction/token.ts';
import { leadsBack } from '../../transport/address/leads-back.ts';
import { ResolveError, resolveLiteral } from '../../transport/resolve/resolver.ts';
import type { Target } from '../../transport/transport.ts';
import type { Application, Sent } from '../application.ts';
import { type Core, pointFor, protocolsOf, reachable, sentBy } from '../core.ts';
import { Dialog } from '../dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf } from '../dialog-id.ts';
import { completeNewRequest, makesDialog } from '../headers/new-request.ts';
import { insteadOfUdp } from '../large-request.ts';
import { refuse } from '../refusal.ts';
import { Alternatives } from './alternatives.ts';
import { InviteUsage } from './invite-usage.ts';
import { NonInviteUsage } from './non-invite-usage.ts';

/** Sends a request outside a dialog to `nextHop`, or else where its Request-URI points (RFC 3261 §8.1.2). */
export function startRequest(
  core: Core,
  draft: SipRequest,
  owner: Application,
  nextHop: string | undefined,
): Sent | Promise<Sent> {
  const request = { ...draft, uri: fullUri(draft.uri, nextHop) };
  const destination = nextHop ?? request.uri;
  const protocols = protocolsOf(core);
  const literal = refusing(() => resolveLiteral(destination, protocols));
  if (literal !== undefined) return launch(core, request, owner, literal);
  return core.options.resolve(destination, protocols).then(
    (targets) => {
      if (!owner.isConnected) refuse('applicationGone'); // nobody would want the answer
      const able = reachable(core, targets);
      const foreign = able.filter((target) => !leadsBack(core.transactions.transport, target));
      const [target, ...others] = foreign.length > 0 ? foreign : able;
      return launch(core, request, owner, target ?? refuse('badRequestUri'), others);
    },
    () => failUnresolved(core, request, owner),
  );
}

/** A destination that makes no sense, or asks for a transport we lack, is the application's mistake. */
function refusing<T>(resolve: () => T): T {
  try {
    return resolve();
  } catch (error) {
    const isTransport = error instanceof ResolveError && error.code === 'no_transport';
    return refuse(isTransport ? 'noTransport' : 'badRequestUri');
  }
}

/** A bare number is somebody at our own domain; tel URIs need to be told a next hop. */
function fullUri(uri: string, nextHop: string | undefined): string {
  if (/^\+?\d+$/.test(uri)) return `sip:${uri}@localhost`;
  if (/^sips?:/i.test(uri) || (nextHop !== undefined && /^tel:/i.test(uri))) return uri;
  return refuse('badRequestUri');
}

function launch(core: Core, draft: SipRequest, owner: Application, target: Target, others: Target[] = []): Sent {
  const point = pointFor(core, target);
  if (leadsBack(core.transactions.transport, target)) refuse('ownAddress');
  const request = completeNewRequest(draft, point);
  const stream = insteadOfUdp(core, request, target);
  if (stream !== undefined) return launch(core, draft, owner, stream, [target, ...others]);
  const id = newId();
  const alternatives = others.length === 0 ? undefined : new Alternatives(core, draft, others);
  return request.method === 'INVITE'
    ? launchInvite(core, id, request, owner, target, alternatives)
    : launchOther(core, id, request, owner, target, alternatives);
}

function launchInvite(
  core: Core,
  id: string,
  request: SipRequest,
  owner: Application,
  target: Target,
  alternatives: Alternatives | undefined,
): Sent {
  const dialog = openDialog(core, request, owner, target);
  const usage = new InviteUsage(core, id, request, target, dialog, alternatives);
  core.outgoing.set(id, usage);
  const tx = core.transactions.sendInvite(request, target, usage);
  usage.tx = tx;
  return sentBy(tx, id, dialog.id);
}

function launchOther(
  core: Core,
  id: string,
  request: SipRequest,
  owner: Application,
  target: Target,
  alternatives: Alternatives | undefined,
): Sent {
  const usage = new NonInviteUsage(core, id, request, target, owner, undefined, alternatives);
  core.outgoing.set(id, usage);
  return sentBy(core.transactions.send(request, target, usage), id, usage.dialogId);
}

function openDialog(core: Core, request: SipRequest, owner: Application, peer: Target): Dialog {
  const { headers } = request;
  const fromTag = fromTagOf(headers);
  if (core.dialogs.has(dialogIdOf(callIdOf(headers), fromTag))) refuse('dialogInUse');
  const localContact = headers.get('Contact') ?? '';
  const dialog = new Dialog({ role: 'uac', request, owner, peer, localContact }, fromTag);
  core.dialogs.add(dialog);
  return dialog;
}

/** No address, no transaction: the application gets its OK and then the 503 (RFC 3261 §8.1.3.1). */
function failUnresolved(core: Core, draft: SipRequest, owner: Application): Sent {
  const point = core.transactions.transport.listeningPoints[0] ?? refuse('noTransport');
  const target: Target = { protocol: point.protocol, address: '', port: 0 };
  const request = completeNewRequest(draft, point);
  const id = newId();
  const usage =
    request.method === 'INVITE'
      ? new InviteUsage(core, id, request, target, openDialog(core, request, owner, target))
      : new NonInviteUsage(core, id, request, target, owner, undefined);
  setImmediate(() => usage.fail(503, 'DNS Error'));
  const dialogId = makesDialog(request.method) ? dialogIdOf(callIdOf(request.headers), fromTagOf(request.headers)) : '';
  return { bytes: serialize(request), via: target, transactionId: id, dialogId };
}
