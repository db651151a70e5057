import type { SipRequest, SipResponse } from '../../message/message.ts';
import type { Target } from '../../transport/transport.ts';
import { Dialog, type Forks } from '../dialog.ts';
import { toTagOf } from '../dialog-id.ts';

/** Of one INVITE; a peer that makes up a tag for each response is not to fill the memory. */
export const MAX_FORKS = 32;

/**
 * The early dialogs of one INVITE, which a proxy may have sent to several peers (RFC 3261 §12.1.2, §13.2.2.4). To the
 * application they are one dialog: the first keeps that place until another one answers.
 */
export class EarlyForks implements Forks {
  latest: Dialog;
  readonly #invite: SipRequest;
  readonly #main: Dialog;
  /** By the peer's tag; all but the main one. */
  #others: Map<string, Dialog> | undefined;

  constructor(invite: SipRequest, main: Dialog) {
    this.#invite = invite;
    this.#main = main;
    this.latest = main;
    main.forks = this;
  }

  /** Takes over what a provisional response says; undefined when there are too many to have one more. */
  ring(response: SipResponse, from: Target): Dialog | undefined {
    if (this.#isBeyond(toTagOf(response.headers))) return undefined;
    const fork = this.#forkOf(toTagOf(response.headers), from);
    fork.learn(response, from);
    if (fork.remoteTag !== undefined) this.latest = fork;
    return fork;
  }

  /** The one that answered first becomes the dialog; the others are there for the PRACKs still to go out. */
  answer(response: SipResponse, from: Target): void {
    const main = this.#main;
    const winner = this.#forkOf(toTagOf(response.headers), from);
    if (winner !== main) {
      const former = this.#newFork(from);
      former.takeSide(main);
      if (former.remoteTag !== undefined) this.#remember(former.remoteTag, former);
      main.takeSide(winner);
      this.#others?.delete(main.remoteTag ?? '');
    }
    main.learn(response, from);
    this.latest = main;
    // Most calls have one peer, and the INVITE is not to be kept as long as the call.
    if (this.#others === undefined) main.forks = undefined;
  }

  find(tag: string): Dialog | undefined {
    return this.#others?.get(tag);
  }

  #isBeyond(tag: string | undefined): boolean {
    const others = this.#others;
    if (others === undefined || others.size < MAX_FORKS || tag === undefined) return false;
    return tag !== this.#main.remoteTag && !others.has(tag);
  }

  #forkOf(tag: string | undefined, from: Target): Dialog {
    const { remoteTag } = this.#main;
    if (tag === undefined || remoteTag === undefined || remoteTag === tag) return this.#main;
    return this.find(tag) ?? this.#remember(tag, this.#newFork(from));
  }

  #newFork(peer: Target): Dialog {
    const { owner, localContact, localTag } = this.#main;
    return new Dialog({ role: 'uac', request: this.#invite, owner, peer, localContact }, localTag);
  }

  #remember(tag: string, fork: Dialog): Dialog {
    this.#others ??= new Map();
    this.#others.set(tag, fork);
    return fork;
  }
}
