import { Refusal } from '../../../sip/engine/dialog/refusal.ts';
import type { SipMessage, SipRequest } from '../../../sip/engine/message/message.ts';
import { tagOf } from '../../../sip/engine/message/name-addr.ts';
import { ParseError } from '../../../sip/engine/message/parse-error.ts';
import { serialize } from '../../../sip/engine/message/serialize.ts';
import { Receiver } from '../../../sip/engine/transport/receive/receiver.ts';
import { SourceGate } from '../../../sip/engine/transport/receive/source-gate.ts';
import { DialogRig, draft, responseDraft } from './dialog-rig.ts';
import { peerFlow, request, response } from './messages.ts';
import { type Mutation, mutated } from './mutation.ts';

/** One thing a peer or the application does; numbers choose among what there is, wrapping around. */
export type Step =
  | { readonly kind: 'invite'; readonly damage: readonly Mutation[] }
  | { readonly kind: 'request'; readonly method: string; readonly call: number; readonly damage: readonly Mutation[] }
  | { readonly kind: 'response'; readonly status: number; readonly to: number; readonly damage: readonly Mutation[] }
  | { readonly kind: 'answer'; readonly status: number; readonly which: number }
  | { readonly kind: 'call' }
  | { readonly kind: 'send'; readonly method: string; readonly dialog: number }
  | { readonly kind: 'wait'; readonly ms: number };

interface PeerCall {
  readonly callId: string;
  cseq: number;
  toTag: string | undefined;
}

const sdp = 'v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\n';
/** Longer than any timer: C, then the CANCEL's and the BYE's 64·T1. */
const everythingMs = 600_000;

/**
 * The dialog rig fed with bytes over UDP, good and damaged, while the application does as it pleases. Over UDP requests
 * follow the peer's address, so that no damaged host name is ever looked up.
 */
export class FuzzRig {
  readonly rig = new DialogRig();
  /** Errors that are bugs of ours; a message refused is none. */
  readonly bugs: unknown[] = [];
  readonly #receiver: Receiver;
  readonly #calls: PeerCall[] = [];
  readonly #requestsSent: SipRequest[] = [];
  #count = 0;

  constructor() {
    const { agent, transport } = this.rig;
    this.#receiver = new Receiver({
      ...{ user: agent.transactions, counters: transport.counters, gate: new SourceGate(undefined) },
      ...{ send: () => {}, log: () => {} },
    });
  }

  take(step: Step): unknown {
    switch (step.kind) {
      case 'invite':
        this.#calls.push({ callId: `call-${this.#calls.length}`, cseq: 0, toTag: undefined });
        return this.#request('INVITE', this.#calls.at(-1)!, step.damage);
      case 'request':
        return this.#withOne(this.#calls, step.call, (call) => this.#request(step.method, call, step.damage));
      case 'response':
        return this.#withOne(this.#requestsSent, step.to, (sent) => this.#respond(sent, step.status, step.damage));
      case 'answer':
        return this.#withOne([...this.rig.agent.incoming.keys()], step.which, (id) => this.#answer(id, step.status));
      case 'call':
        return this.#attempt(() => this.rig.agent.request(this.#outgoingInvite(), this.rig.application, undefined));
      case 'send':
        return this.#withOne([...this.rig.agent.dialogs], step.dialog, ({ id }) => this.#send(id, step.method));
      case 'wait':
        this.rig.clock.advance(step.ms);
        return this.#look();
    }
  }

  /** The application ends everything, and all timers run out. */
  windUp(): void {
    const { agent } = this.rig;
    for (const id of [...agent.incoming.keys()]) this.#answer(id, 486);
    for (const id of [...agent.outgoing.keys()]) this.#attempt(() => agent.cancel(id, draft('CANCEL')));
    for (const { id } of [...agent.dialogs]) this.#send(id, 'BYE');
    this.rig.clock.advance(everythingMs);
    for (const { id } of [...agent.dialogs]) this.#send(id, 'BYE');
    this.rig.clock.advance(everythingMs);
    this.#look();
  }

  #request(method: string, call: PeerCall, damage: readonly Mutation[]): void {
    const isOfInvite = method === 'ACK' || method === 'CANCEL';
    if (!isOfInvite) call.cseq += 1;
    this.#receive(
      request(method, {
        ...(call.toTag !== undefined && method !== 'CANCEL' && { toTag: call.toTag }),
        ...{ cseq: call.cseq, body: method === 'INVITE' ? sdp : '' },
        branch: `z9hG4bK${call.callId}-${call.cseq}`,
        headers: {
          'Call-ID': call.callId,
          Supported: 'timer, 100rel',
          ...(method === 'INVITE' && { 'Content-Type': 'application/sdp' }),
          ...(method === 'PRACK' && { RAck: '1 1 INVITE' }),
        },
      }),
      damage,
    );
  }

  #respond(sent: SipRequest, status: number, damage: readonly Mutation[]): void {
    const answer = response(sent, status, 'bob');
    answer.headers.append('Contact', '<sip:bob@192.0.2.9:5060>');
    if (status > 100 && status < 200) answer.headers.append('RSeq', '1');
    this.#receive(answer, damage);
  }

  #receive(message: SipMessage, damage: readonly Mutation[]): void {
    this.#receiver.receive(mutated(serialize(message), damage), peerFlow());
    this.#look();
  }

  #answer(id: string, status: number): void {
    const isAnswer = status >= 200 && status < 300;
    this.#attempt(() => this.rig.agent.respond(id, responseDraft(status, {}, isAnswer ? sdp : '')));
  }

  #send(dialogId: string, method: string): void {
    this.#attempt(() =>
      this.rig.agent.requestInDialog(dialogId, draft(method, 'sip:placeholder', {}, method === 'INVITE' ? sdp : '')),
    );
  }

  #outgoingInvite(): SipRequest {
    this.#count += 1;
    return draft('INVITE', 'sip:bob@192.0.2.9:5060', { 'Call-ID': `out-${this.#count}` }, sdp);
  }

  /** What the application asks for may be refused, never fail. */
  #attempt(act: () => unknown): void {
    const fail = (error: unknown) => error instanceof Refusal || this.bugs.push(error);
    try {
      const outcome = act();
      if (outcome instanceof Promise) outcome.catch(fail);
    } catch (error) {
      fail(error);
    }
    this.#look();
  }

  /** Notes what the engine sent and what it complained of. */
  #look(): void {
    const { rig } = this;
    this.bugs.push(...rig.errors.splice(0).filter((error) => !(error instanceof ParseError)));
    for (const { message } of rig.transport.sent.splice(0)) {
      if (message.kind === 'request') this.#requestsSent.push(message);
      else this.#learnTag(message);
    }
    rig.application.events.length = 0;
    rig.application.ids.length = 0;
  }

  #learnTag({ headers }: SipMessage): void {
    const call = this.#calls.find(({ callId }) => callId === headers.get('Call-ID'));
    if (call !== undefined) call.toTag = tagOf(headers.get('To') ?? '') ?? call.toTag;
  }

  #withOne<T>(items: readonly T[], which: number, use: (item: T) => void): void {
    if (items.length > 0) use(items[which % items.length]!);
  }
}
