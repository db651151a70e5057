import type { Application, ApplicationRouter, Ids, Sent } from '../../../sip/engine/dialog/application.ts';
import { defaultDialogOptions } from '../../../sip/engine/dialog/core.ts';
import { Refusal } from '../../../sip/engine/dialog/refusal.ts';
import { UserAgent } from '../../../sip/engine/dialog/user-agent.ts';
import type { SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { defaultTimers } from '../../../sip/engine/transaction/timer-settings.ts';
import { TimerWheel } from '../../../sip/engine/transaction/timer-wheel.ts';
import { TransactionLayer } from '../../../sip/engine/transaction/transaction-layer.ts';
import { resolveTarget } from '../../../sip/engine/transport/resolve/resolver.ts';
import type { Flow, Target } from '../../../sip/engine/transport/transport.ts';
import { draft, responseDraft } from './dialog-rig.ts';
import type { WireEnd } from './lossy-wire.ts';
import type { ManualClock } from './manual-clock.ts';

/** How an agent takes a call: rings at once, then answers with `status`; a re-INVITE is answered 200 as slowly. */
export interface Manners {
  readonly status: number;
  readonly answerAfterMs: number;
}

/** A user agent on a wire with the application a plain telephone would be: it answers, acknowledges and takes note. */
export class WiredAgent implements Application, ApplicationRouter {
  readonly isConnected = true;
  readonly agent: UserAgent;
  readonly faults: unknown[] = [];
  /** `INVITE 7` with how often it was handed up. */
  readonly requests = new Map<string, number>();
  /** Transaction id of each of our requests with the final responses handed up for it. */
  readonly finals = new Map<string, { method: string; statuses: number[] }>();
  /** What ended the call here: our BYE, theirs, a failure. */
  ending: string | undefined;
  dialogId: string | undefined;
  isUp = false;
  #inviteId = '';
  readonly #clock: ManualClock;
  readonly #manners: Manners;
  readonly #due: { at: number; run: () => void }[] = [];

  constructor(end: WireEnd, clock: ManualClock, manners: Manners) {
    this.#clock = clock;
    this.#manners = manners;
    const log = (_level: string, _message: string, fields: Record<string, unknown>) => this.faults.push(fields['err']);
    const layer = new TransactionLayer(end, new TimerWheel(clock), defaultTimers, log);
    this.agent = new UserAgent(layer, { ...defaultDialogOptions, resolve: resolveTarget }, this);
    layer.user = this.agent;
    end.user = layer;
    clock.tickEvery(10, () => this.#runDue());
  }

  get tables(): number {
    const { dialogs, incoming, outgoing, transactions } = this.agent;
    return dialogs.size + incoming.size + outgoing.size + transactions.size.clients + transactions.size.servers;
  }

  applicationFor(): Application {
    return this;
  }

  call(uri: string): void {
    const sent = this.#note('INVITE', () => this.agent.request(draft('INVITE', uri), this) as Sent);
    this.dialogId = sent?.dialogId;
    this.#inviteId = sent?.transactionId ?? '';
  }

  cancel(): void {
    this.#tolerant(() => this.agent.cancel(this.#inviteId, draft('CANCEL')));
  }

  /** Sends a request in the dialog, if there is one that is up. */
  say(method: string): void {
    const { dialogId } = this;
    if (dialogId === undefined || !this.isUp) return;
    this.#note(method, () => this.agent.requestInDialog(dialogId, draft(method)) as Sent);
  }

  deliverRequest(request: SipRequest, _flow: Flow, ids: Ids): void {
    const key = `${request.method} ${request.headers.get('CSeq')}`;
    this.requests.set(key, (this.requests.get(key) ?? 0) + 1);
    if (request.method === 'INVITE' && !this.isUp) this.#ring(ids);
    else if (request.method === 'CANCEL') this.#end('cancelled');
    else if (request.method === 'INVITE') this.#later(() => this.#respond(ids, 200));
    else if (request.method !== 'ACK') this.#respond(ids, 200);
    if (request.method === 'BYE') this.#end('their BYE');
  }

  deliverResponse(response: SipResponse, _from: Target, ids: Ids): void {
    if (response.status < 200) return;
    const entry = this.finals.get(ids.transactionId);
    entry?.statuses.push(response.status);
    if (entry?.method === 'INVITE' && response.status < 300) {
      this.#tolerant(() => this.agent.requestInDialog(ids.dialogId, draft('ACK')));
      this.isUp = this.ending === undefined;
    } else if (ids.transactionId === this.#inviteId) this.#end(`${response.status}`);
    if (entry?.method === 'BYE') this.#end('our BYE');
  }

  deliverOwnRequest(): void {
    this.#end('BYE of the engine');
  }

  #ring(ids: Ids): void {
    this.#respond(ids, 180);
    const run = () => {
      const sent = this.#respond(ids, this.#manners.status);
      if (sent === undefined || this.#manners.status >= 300) return this.#end(`refused ${this.#manners.status}`);
      this.dialogId = sent.dialogId;
      this.isUp = true;
    };
    this.#later(run);
  }

  #later(run: () => void): void {
    if (this.#manners.answerAfterMs === 0) run();
    else this.#due.push({ at: this.#clock.now() + this.#manners.answerAfterMs, run });
  }

  #respond(ids: Ids, status: number): Sent | undefined {
    return this.#tolerant(() => this.agent.respond(ids.transactionId, responseDraft(status)));
  }

  #end(why: string): void {
    this.ending ??= why;
    this.isUp = false;
  }

  #note(method: string, send: () => Sent | Promise<Sent>): Sent | undefined {
    const sent = this.#tolerant(send);
    const note = (each: Sent) => this.finals.set(each.transactionId, { method, statuses: [] });
    if (sent instanceof Promise) sent.then(note, () => {});
    else if (sent !== undefined) note(sent);
    return sent as Sent | undefined;
  }

  /** Being too late is no fault. */
  #tolerant<T>(ask: () => T): T | undefined {
    try {
      return ask();
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  #runDue(): void {
    const now = this.#clock.now();
    for (const each of this.#due.splice(0)) {
      if (each.at > now) this.#due.push(each);
      else each.run();
    }
  }
}
