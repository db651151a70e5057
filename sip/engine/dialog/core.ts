import type { SipMessage, SipRequest } from '../message/message.ts';
import type { ClientTransactionOf, ServerTransactionOf, TransactionLayer } from '../transaction/transaction-layer.ts';
import type { ResolveTarget } from '../transport/resolve/resolver.ts';
import type { Flow, ListeningPoint, Protocol, Target } from '../transport/transport.ts';
import type { Application, ApplicationRouter, Sent } from './application.ts';
import type { ApplicationLag } from './application-lag.ts';
import { type Dialog, noAnswers } from './dialog.ts';
import type { DialogTable } from './dialog-table.ts';
import { refuse } from './refusal.ts';
import type { LatePracks } from './reliable/late-pracks.ts';
import type { SessionAgreement } from './session-timer/session-timer.ts';

export interface DialogOptions {
  /** Send in-dialog requests where the peer really is when its Contact says otherwise; on unless switched off. */
  readonly natAid: boolean;
  /** Refuse overlapping re-INVITEs and requests out of order (RFC 3261 §12.2.2, §14.2); on unless switched off. */
  readonly strictOrder: boolean;
  /** The shortest session interval we take; nobody may ask for less than 90 (RFC 4028 §5). */
  readonly minSessionSeconds: number;
  /** How long calls stay up when their application has left. */
  readonly releaseAfterMs: number;
  /** How long a call may ring before it is refused. */
  readonly ringingLimitMs: number;
  /** Longer requests outside dialogs go by TCP first (RFC 3261 §18.1.1); no limit unless given. */
  readonly udpMaxRequestBytes?: number | undefined;
  /** Finds the addresses a URI stands for (RFC 3263). */
  readonly resolve: ResolveTarget;
}

/** What needs nobody to decide. */
export const defaultDialogOptions = {
  natAid: true,
  strictOrder: true,
  minSessionSeconds: 90,
  releaseAfterMs: 0,
  ringingLimitMs: Number.POSITIVE_INFINITY,
} as const;

/** A request from the network the application has not finally answered. */
export interface IncomingRequest {
  readonly id: string;
  readonly tx: ServerTransactionOf;
  readonly request: SipRequest;
  /** Outside a dialog only; see `identityOf`. */
  readonly identity: string | undefined;
  readonly flow: Flow;
  readonly dialog: Dialog | undefined;
  owner: Application;
  toTag: string;
  /** True once the application has sent a response; from then on it knows the dialog id. */
  hasAnswered: boolean;
  /** True once it has sent a session description in one. */
  hasDescribed: boolean;
  /** True once the application has sent a provisional response to an INVITE. */
  isRinging: boolean;
  /** When the application was told, in ms. */
  readonly toldAt: number;
  /** Gives up on an application that never answers. */
  readonly guard: { start(delayMs: number): void; stop(): void };
}

/** A request of ours without its final response. */
export interface OutgoingRequest {
  readonly id: string;
  readonly method: string;
  owner: Application;
  /** INVITE only: sends the CANCEL, at once or after the first provisional response. */
  cancel?(draft: SipRequest): Sent;
}

/** State the user agent's parts share: who waits for what. */
export interface Core {
  readonly transactions: TransactionLayer;
  readonly options: DialogOptions;
  readonly router: ApplicationRouter;
  readonly dialogs: DialogTable;
  readonly incoming: Map<string, IncomingRequest>;
  /** Those of them outside a dialog, by `identityOf`. */
  readonly ongoing: Set<string>;
  readonly outgoing: Map<string, OutgoingRequest>;
  readonly lag: ApplicationLag;
  readonly latePracks: LatePracks;
  /** (Re)starts, or ends, the session timer after a 2xx; see `followSession`. */
  followSession(
    dialog: Dialog,
    agreement: SessionAgreement | undefined,
    peerMessage: SipMessage,
    localSdp: Buffer,
  ): void;
}

export function pointFor(core: Core, target: Target): ListeningPoint {
  return core.transactions.transport.listeningPointFor(target) ?? refuse('noTransport');
}

/** Of the addresses a name has, those we have a listening point for; all of them when we have none for any. */
export function reachable(core: Core, targets: readonly Target[]): readonly Target[] {
  const able = targets.filter((target) => core.transactions.transport.listeningPointFor(target) !== undefined);
  return able.length === 0 ? targets : able;
}

/** The transports we can send by, for the resolver. */
export const protocolsOf = (core: Core): readonly Protocol[] =>
  core.transactions.transport.listeningPoints.map((point) => point.protocol);

export const sentBy = (tx: ClientTransactionOf, transactionId: string, dialogId: string): Sent => ({
  bytes: tx.bytes,
  via: tx.target,
  transactionId,
  dialogId,
});

/** Waits for no ACK any more. */
export function dropAnswers(dialog: Dialog): void {
  for (const answer of dialog.answers) answer.stop();
  dialog.answers = noAnswers;
}

/** Takes a dialog out of reach of the application and the network; an INVITE open in it gets 487 (RFC 3261 §15.1.2). */
export function endDialog(core: Core, dialog: Dialog): void {
  dialog.isEnded = true;
  dialog.peerInvite?.terminate();
  dropAnswers(dialog);
  if (dialog.provisionals !== undefined) {
    dialog.provisionals.finish();
    core.latePracks.expect(dialog.callId, dialog.localTag, dialog.provisionals);
  }
  dialog.session?.stop();
  dialog.subscriptions?.stop();
  core.dialogs.remove(dialog);
}
