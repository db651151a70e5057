import type { Application, ApplicationRouter, Ids, Sent } from '../../../sip/engine/dialog/application.ts';
import { type DialogOptions, defaultDialogOptions } from '../../../sip/engine/dialog/core.ts';
import { UserAgent } from '../../../sip/engine/dialog/user-agent.ts';
import { Headers } from '../../../sip/engine/message/headers.ts';
import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { defaultTimers } from '../../../sip/engine/transaction/timer-settings.ts';
import { TimerWheel } from '../../../sip/engine/transaction/timer-wheel.ts';
import { TransactionLayer } from '../../../sip/engine/transaction/transaction-layer.ts';
import { resolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import type { Flow, Protocol, Target } from '../../../sip/engine/transport/transport.ts';
import { FakeTransport } from './fake-transport.ts';
import { ManualClock } from './manual-clock.ts';
import { peerFlow, request, response } from './messages.ts';

/** An application that only writes down what it is told. */
export class RecordingApplication implements Application {
  isConnected = true;
  /** `INVITE`, `200`, `own BYE` … since the last look. */
  readonly events: string[] = [];
  readonly ids: Ids[] = [];
  lastRequest: SipRequest | undefined;
  lastResponse: SipResponse | undefined;
  lastFrom: Target | Flow | undefined;
  lastOwn: Sent | undefined;

  deliverRequest(message: SipRequest, flow: Flow, ids: Ids): void {
    this.events.push(message.method);
    this.ids.push(ids);
    this.lastRequest = message;
    this.lastFrom = flow;
  }

  deliverResponse(message: SipResponse, from: Target, ids: Ids): void {
    this.events.push(`${message.status}`);
    this.ids.push(ids);
    this.lastResponse = message;
    this.lastFrom = from;
  }

  deliverOwnRequest(sent: Sent): void {
    this.events.push(`own ${sent.bytes.toString().split(' ')[0]}`);
    this.lastOwn = sent;
  }

  take(): string[] {
    return this.events.splice(0);
  }
}

/** Dialogs over a fake network and a clock turned by hand, with one application for every method. */
export class DialogRig implements ApplicationRouter {
  readonly clock = new ManualClock();
  readonly transport = new FakeTransport();
  readonly application = new RecordingApplication();
  readonly agent: UserAgent;
  readonly errors: unknown[] = [];
  hasApplication = true;

  constructor(options: Partial<DialogOptions> = {}) {
    const log = (_level: string, _message: string, fields: Record<string, unknown>) => this.errors.push(fields['err']);
    const layer = new TransactionLayer(this.transport, new TimerWheel(this.clock), defaultTimers, log);
    this.agent = new UserAgent(layer, { ...defaultDialogOptions, resolve: resolveTarget, ...options }, this);
    layer.user = this.agent;
  }

  applicationFor(): Application | undefined {
    return this.hasApplication ? this.application : undefined;
  }

  receive(message: SipRequest | SipResponse, protocol: Protocol = 'udp'): void {
    this.agent.transactions.onMessage(message, peerFlow(protocol));
  }

  /** The application answers the request it was told of last. */
  respond(status: number, headers: Record<string, string> = {}, body = ''): Sent {
    return this.agent.respond(this.application.ids.at(-1)!.transactionId, responseDraft(status, headers, body));
  }

  /** An INVITE of the peer, answered 200 by the application; the ACK is not there yet. */
  answeredCall(
    headers: Record<string, string> = {},
    protocol: Protocol = 'udp',
  ): { localTag: string; dialogId: string } {
    this.receive(request('INVITE', { headers, protocol }), protocol);
    const { dialogId } = this.respond(200);
    return { localTag: this.localTag(), dialogId };
  }

  /** As `answeredCall`, with the ACK and nothing left to take. */
  confirmedCall(headers: Record<string, string> = {}): { localTag: string; dialogId: string } {
    const call = this.answeredCall(headers);
    this.receive(request('ACK', { toTag: call.localTag, branch: 'z9hG4bKack' }));
    this.settle();
    return call;
  }

  /** An INVITE of the application to the peer; `answer` plays the peer. */
  call(parts: { headers?: Record<string, string>; uri?: string; nextHop?: string; body?: string } = {}): OutgoingCall {
    const uri = parts.uri ?? 'sip:bob@192.0.2.9:5060';
    const sent = this.agent.request(draft('INVITE', uri, parts.headers, parts.body), this.application, parts.nextHop);
    return new OutgoingCall(this, sent as Sent, this.transport.lastRequest());
  }

  /** A call of the application the peer has answered and the application acknowledged. */
  connectedCall(): OutgoingCall {
    const call = this.call();
    call.answer(200);
    void this.agent.requestInDialog(call.dialogId, draft('ACK'));
    this.settle();
    return call;
  }

  /** The peer's response to a request of ours. */
  reply(to: SipRequest, status: number): SipResponse {
    return response(to, status);
  }

  /** Forgets what was sent and told so far. */
  settle(): void {
    this.transport.take();
    this.application.take();
  }

  localTag(): string {
    return /tag=(.*)$/.exec(this.transport.lastResponse().headers.get('To') ?? '')?.[1] ?? '';
  }

  /** Times, in ms from now, at which something is sent during the next `ms`, with what it is. */
  watch(ms: number): string[] {
    const seen: string[] = [];
    this.transport.take();
    for (let at = 10; at <= ms; at += 10) {
      this.clock.advance(10);
      for (const label of this.transport.take()) seen.push(`${label}@${at}`);
    }
    return seen;
  }

  get tables(): number {
    const { dialogs, incoming, outgoing, transactions } = this.agent;
    return dialogs.size + incoming.size + outgoing.size + transactions.size.clients + transactions.size.servers;
  }
}

export class OutgoingCall {
  readonly transactionId: string;
  readonly dialogId: string;
  readonly invite: SipRequest;
  readonly #rig: DialogRig;

  constructor(rig: DialogRig, sent: Sent, invite: SipRequest) {
    this.#rig = rig;
    this.transactionId = sent.transactionId;
    this.dialogId = sent.dialogId;
    this.invite = invite;
  }

  get localTag(): string {
    return /tag=(.*)$/.exec(this.invite.headers.get('From') ?? '')?.[1] ?? '';
  }

  answer(status: number, headers: Record<string, string> = {}, tag = 'bob'): void {
    const answer = response(this.invite, status, tag);
    for (const [name, value] of Object.entries({ Contact: '<sip:bob@192.0.2.9:5060>', ...headers })) {
      answer.headers.append(name, value);
    }
    this.#rig.receive(answer);
  }

  /** A request of the called peer in this dialog. */
  peerRequest(method: string, cseq = 1, branch = `z9hG4bKbob${method}${cseq}`): SipRequest {
    return request(method, {
      branch,
      headers: {
        From: `<sip:bob@192.0.2.9:5060>;tag=bob`,
        To: this.invite.headers.get('From') ?? '',
        'Call-ID': this.invite.headers.get('Call-ID') ?? '',
        CSeq: `${cseq} ${method}`,
        Contact: '<sip:bob@192.0.2.9:5060>',
      },
    });
  }
}

export function draft(method: string, uri = 'sip:placeholder', headers = {}, body = ''): SipRequest {
  return { kind: 'request', method, uri, headers: Headers.from(Object.entries(headers)), body: Buffer.from(body) };
}

export const responseDraft = (status: number, headers: Record<string, string> = {}, body = ''): SipResponse => ({
  kind: 'response',
  status,
  reason: 'Because',
  headers: Headers.from(Object.entries(headers)),
  body: Buffer.from(body),
});
