import { cseqOf } from '../message/cseq.ts';
import { keepText } from '../message/kept-text.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message/message.ts';
import { parseNameAddr, withTag } from '../message/name-addr.ts';
import type { Flow, Target } from '../transport/transport.ts';
import type { Application } from './application.ts';
import { callIdOf, dialogIdOf, fromTagOf, toTagOf } from './dialog-id.ts';
import type { ReceivedProvisionals } from './reliable/received-provisionals.ts';
import type { ReliableProvisionals } from './reliable/reliable-provisionals.ts';
import { routeSetOf } from './route-set.ts';
import type { SessionTimer } from './session-timer/session-timer.ts';
import type { Subscriptions } from './subscription/subscriptions.ts';

/** An INVITE of ours without its final response. */
export interface OwnInvite {
  /** It offered a session and no response with a session description has come. */
  readonly isOfferOpen: boolean;
  /** Tells the application 487 now: the dialog is over. */
  giveUp(): void;
  /** CANCELs it for the engine's own reasons. */
  cancelQuietly(): void;
}

/** An INVITE of the peer without its final response. */
export interface PeerInvite {
  /** It offered a session and the application has not sent a session description. */
  readonly isOfferOpen: boolean;
  /** Answers it 487: the dialog is over. */
  terminate(): void;
  /** As `terminate`, and tells the application by a CANCEL. */
  cancelledBy(cancel: SipRequest, flow: Flow): void;
}

/** A 2xx the peer sent and the application has not acknowledged yet. */
export interface UnacknowledgedInvite {
  readonly request: SipRequest;
  /** The 2xx carries an offer, to be answered by the ACK. */
  readonly isOffer: boolean;
  /** When the application was told of the 2xx, in ms. */
  readonly toldAt: number;
  /** Keeps the ACK for the 2xx to come again; the application's CANCEL may want a BYE after it. */
  acknowledged(ack: Buffer, via: Target): void;
}

/** A 2xx we sent, resent until its ACK. */
export interface UnacknowledgedAnswer {
  readonly cseq: number;
  /** Under which the application hears of the ACK. */
  readonly transactionId: string;
  /** It carries an offer, to be answered by the ACK. */
  readonly isOffer: boolean;
  stop(): void;
}

/** The early dialogs of an INVITE that several peers responded to, beside the one under which the application knows it. */
export interface Forks {
  /** Heard of last. */
  readonly latest: Dialog;
  /** By the tag of the peer. */
  find(tag: string): Dialog | undefined;
}

export const noAnswers: readonly UnacknowledgedAnswer[] = [];

interface Beginning {
  readonly role: 'uac' | 'uas';
  readonly request: SipRequest;
  readonly owner: Application;
  /** Where the peer was reached or came from. */
  readonly peer: Target;
  readonly localContact: string;
}

/** State of a dialog (RFC 3261 §12); made with the INVITE, early with the first tagged response, then confirmed. */
export class Dialog {
  readonly id: string;
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  /** As last sent; offered again where a request refreshes the target. */
  localContact: string;
  localTag: string;
  remoteTag: string | undefined;
  /** From value of our requests, with our tag. */
  localAddress: string;
  /** To value of our requests, with the peer's tag once known. */
  remoteAddress: string;
  remoteTarget: string;
  routeSet: readonly string[];
  localCseq: number;
  /** Of the peer's last request; undefined before its first. */
  remoteCseq: number | undefined;
  owner: Application;
  peer: Target;
  isConfirmed = false;
  isEnded = false;
  ownInvite: OwnInvite | undefined;
  peerInvite: PeerInvite | undefined;
  /** UPDATEs without their final response: of the peer, and ours that carry an offer (RFC 3311 §5.2). */
  peerUpdates = 0;
  ownOffers = 0;
  unacknowledged: UnacknowledgedInvite | undefined;
  /** A re-INVITE may overtake the ACK before it: both are still due. */
  answers: readonly UnacknowledgedAnswer[] = noAnswers;
  /** UAC only. */
  forks: Forks | undefined;
  /** Reliable provisional responses of the peer. */
  received: ReceivedProvisionals | undefined;
  /** Reliable provisional responses of ours to the peer's last INVITE. */
  provisionals: ReliableProvisionals | undefined;
  /** Runs while the two sides have agreed on one (RFC 4028). */
  session: SessionTimer | undefined;
  /** Of a dialog that a SUBSCRIBE made; undefined in a call. */
  subscriptions: Subscriptions | undefined;
  /** A BYE that waits for that ACK (RFC 3261 §15); called when it is here or will not come. */
  heldBye: (() => void) | undefined;

  constructor(beginning: Beginning, localTag: string) {
    const { role, request } = beginning;
    const { headers } = request;
    const fromTag = fromTagOf(headers);
    const isCaller = role === 'uac';
    this.role = role;
    this.id = keepText(dialogIdOf(callIdOf(headers), fromTag));
    this.callId = keepText(callIdOf(headers));
    this.localTag = keepText(localTag);
    this.remoteTag = isCaller ? undefined : keepText(fromTag);
    this.localAddress = keepText(isCaller ? (headers.get('From') ?? '') : withTag(headers.get('To') ?? '', localTag));
    this.remoteAddress = keepText(headers.get(isCaller ? 'To' : 'From') ?? '');
    this.remoteTarget = keepText((isCaller ? undefined : contactUri(request)) ?? request.uri);
    this.routeSet = isCaller ? [] : routeSetOf(headers, 'uas').map(keepText);
    this.localCseq = cseqOf(request).number;
    this.remoteCseq = isCaller ? undefined : this.localCseq;
    this.localContact = keepText(beginning.localContact);
    this.owner = beginning.owner;
    this.peer = beginning.peer;
  }

  /** UAC: takes over what a dialog-making response says, 1xx or first 2xx (RFC 3261 §12.1.2). */
  learn(response: SipResponse, from: Target): void {
    const tag = toTagOf(response.headers);
    if (tag === undefined && response.status < 200) return;
    this.remoteTag = keepText(tag ?? '');
    this.remoteAddress = keepText(response.headers.get('To') ?? this.remoteAddress);
    this.routeSet = routeSetOf(response.headers, 'uac').map(keepText);
    this.peer = from;
    this.refreshTarget(response);
  }

  /** Takes the peer's side of another early dialog of the same INVITE, and how far our requests have counted there. */
  takeSide(other: Dialog): void {
    this.remoteTag = other.remoteTag;
    this.remoteAddress = other.remoteAddress;
    this.remoteTarget = other.remoteTarget;
    this.routeSet = other.routeSet;
    this.peer = other.peer;
    this.localCseq = other.localCseq;
    this.remoteCseq = other.remoteCseq;
  }

  /** Target refresh by a request of the peer or a 2xx to ours (RFC 3261 §12.2). */
  refreshTarget(message: SipMessage): void {
    this.remoteTarget = keepText(contactUri(message) ?? this.remoteTarget);
  }

  /** UAS, before anybody has seen the tag. */
  renameLocal(tag: string): void {
    this.localTag = tag;
    this.localAddress = withTag(this.localAddress, tag);
  }

  releaseHeldBye(): void {
    const send = this.heldBye;
    this.heldBye = undefined;
    send?.();
  }

  nextCseq(): number {
    this.localCseq += 1;
    return this.localCseq;
  }
}

/** The URI to reach the sender at; undefined when it gives none we could use. */
function contactUri(message: SipMessage): string | undefined {
  const contact = message.headers.get('Contact');
  if (contact === undefined) return undefined;
  try {
    const { uri } = parseNameAddr(contact);
    return /^sips?:/i.test(uri) ? uri : undefined;
  } catch {
    return undefined;
  }
}
