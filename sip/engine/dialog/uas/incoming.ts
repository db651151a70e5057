import { randomUUID } from 'node:crypto';
import type { SipRequest } from '../../message/message.ts';
import { Alarm } from '../../transaction/alarm.ts';
import { replyTo } from '../../transaction/reply.ts';
import { giveUpMs } from '../../transaction/timer-settings.ts';
import type { ServerTransactionOf } from '../../transaction/transaction-layer.ts';
import type { Flow } from '../../transport/transport.ts';
import type { Application } from '../application.ts';
import type { Core, IncomingRequest } from '../core.ts';
import { endDialog } from '../core.ts';
import type { Dialog } from '../dialog.ts';

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
  const isInvite = arrival.request.method === 'INVITE';
  const guard = new Alarm(wheel, () => giveUpOn(core, incoming));
  const incoming: IncomingRequest = {
    id: randomUUID(),
    tx: arrival.tx,
    request: arrival.request,
    flow: arrival.flow,
    dialog: arrival.dialog,
    owner: arrival.owner,
    toTag: arrival.toTag,
    hasAnswered: false,
    guard,
  };
  core.incoming.set(incoming.id, incoming);
  // A peer waits 64·T1 for most answers and twice that, by custom, for the first ring.
  guard.start(giveUpMs(timers) * (isInvite ? 2 : 1));
  return incoming;
}

/** From now on an answer of the application comes too late. */
export function closeIncoming(core: Core, incoming: IncomingRequest): void {
  core.incoming.delete(incoming.id);
  incoming.guard.stop();
  const { dialog } = incoming;
  if (dialog !== undefined && incoming.request.method === 'INVITE') dialog.peerInvite = undefined;
}

/** Answers in the application's place; a refused first INVITE leaves no dialog. */
export function rejectIncoming(core: Core, incoming: IncomingRequest, status: number, reason: string): void {
  closeIncoming(core, incoming);
  incoming.tx.respond(replyTo(incoming.request, status, reason, incoming.toTag));
  const { dialog } = incoming;
  if (dialog !== undefined && !dialog.isConfirmed && incoming.request.method === 'INVITE') endDialog(core, dialog);
}

function giveUpOn(core: Core, incoming: IncomingRequest): void {
  if (incoming.request.method === 'INVITE') rejectIncoming(core, incoming, 480, 'Temporarily Unavailable');
  else rejectIncoming(core, incoming, 500, 'Server Internal Error');
}
