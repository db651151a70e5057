import type { SipRequest } from '../../message/message.ts';
import { Alarm } from '../../transaction/alarm.ts';
import { replyTo } from '../../transaction/reply.ts';
import { giveUpMs, type TimerSettings } from '../../transaction/timer-settings.ts';
import { newId } from '../../transaction/token.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Application } from '../application.ts';
import type { Core, IncomingRequest } from '../core.ts';
import { endDialog } from '../core.ts';
import type { Dialog } from '../dialog.ts';
import { identityOf } from './merged.ts';
import { tellCancelled } from './tell-cancelled.ts';

interface Arrival {
  readonly tx: ServerTransactionOf;
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly owner: Application;
  readonly toTag: string;
  readonly dialog?: Dialog | undefined;
}

/** Hands a request to its application and waits for the answer, though not for ever. */
export function openIncoming(core: Core, arrival: Arrival): IncomingRequest {
  const { timers, wheel } = core.transactions;
  const guard = new Alarm(wheel, () => giveUpOn(core, incoming));
  const incoming: IncomingRequest = {
    id: newId(),
    tx: arrival.tx,
    request: arrival.request,
    identity: identityOf(arrival.request),
    flow: arrival.flow,
    dialog: arrival.dialog,
    owner: arrival.owner,
    toTag: arrival.toTag,
    hasAnswered: false,
    hasDescribed: false,
    isRinging: false,
    toldAt: wheel.now,
    guard,
  };
  core.incoming.set(incoming.id, incoming);
  if (incoming.identity !== undefined) core.ongoing.add(incoming.identity);
  if (isUpdate(incoming)) incoming.dialog.peerUpdates += 1;
  guard.start(patienceMs(arrival.request.method, timers));
  return incoming;
}

/** From now on an answer of the application comes too late. */
export function closeIncoming(core: Core, incoming: IncomingRequest): void {
  core.incoming.delete(incoming.id);
  if (incoming.identity !== undefined) core.ongoing.delete(incoming.identity);
  incoming.guard.stop();
  if (incoming.request.method === 'BYE') core.lag.answered(incoming.owner, incoming.toldAt);
  const { dialog } = incoming;
  if (dialog !== undefined && incoming.request.method === 'INVITE') dialog.peerInvite = undefined;
  if (isUpdate(incoming)) incoming.dialog.peerUpdates -= 1;
}

function isUpdate(incoming: IncomingRequest): incoming is IncomingRequest & { readonly dialog: Dialog } {
  return incoming.dialog !== undefined && incoming.request.method === 'UPDATE';
}

/** Answers in the application's place; a refused first INVITE leaves no dialog. */
export function answerInstead(core: Core, incoming: IncomingRequest, status: number, reason: string): void {
  closeIncoming(core, incoming);
  incoming.tx.respond(replyTo(incoming.request, status, reason, incoming.toTag));
  const { dialog } = incoming;
  if (dialog !== undefined && !dialog.isConfirmed && incoming.request.method === 'INVITE') endDialog(core, dialog);
}

/** The application has had its time; should it still work on an INVITE, it may stop. */
function giveUpOn(core: Core, incoming: IncomingRequest): void {
  answerForAbsent(core, incoming);
  if (incoming.request.method === 'INVITE') tellCancelled(incoming, 'SIP;cause=480;text="No answer"');
}

/** From the first provisional response on, only the caller's patience counts, and the limit if there is one. */
export function letRing({ options }: Core, incoming: IncomingRequest): void {
  if (incoming.isRinging) return;
  incoming.isRinging = true;
  incoming.guard.stop();
  if (Number.isFinite(options.ringingLimitMs)) incoming.guard.start(options.ringingLimitMs);
}

/** What a peer is told when the application is late or gone. */
export function answerForAbsent(core: Core, incoming: IncomingRequest): void {
  const { method } = incoming.request;
  if (method === 'BYE' || method === 'PRACK') answerInstead(core, incoming, 200, 'OK');
  else if (method === 'INVITE') answerInstead(core, incoming, 480, 'Temporarily Unavailable');
  else answerInstead(core, incoming, 500, 'Server Internal Error');
}

/**
 * How long the application may take: for a BYE, whose answer is never in doubt, until the peer would send it again; for
 * a PRACK a little more, it may want to answer an offer; for an INVITE until it rings, by custom twice as long as peers wait for other answers.
 */
function patienceMs(method: string, timers: TimerSettings): number {
  if (method === 'BYE') return timers.t1;
  if (method === 'PRACK') return timers.t2;
  return method === 'INVITE' ? 2 * giveUpMs(timers) : giveUpMs(timers);
}
