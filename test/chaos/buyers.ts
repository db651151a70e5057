import type { SipMessage, SipRequest } from '../../sip/engine/message/message.ts';
import { parseNameAddr } from '../../sip/engine/message/name-addr.ts';
import { parseMessage } from '../../sip/engine/message/parse.ts';
import { openUdpLine } from '../engine/support/line.ts';
import { Call, Phone } from '../engine/support/phone.ts';
import { type Random, seededRandom } from '../support/seeded-random.ts';
import type { Poster } from './poster.ts';
import type { SeenCall, SeenCalls } from './seen-call.ts';

/** One who takes calls: rings, answers, refuses, is silent, hangs up, and posts what it sold. */
export class Buyer {
  readonly name: string;
  readonly #phone: Phone;
  readonly #seen: SeenCalls;
  readonly #poster: Poster;
  readonly #random: Random;
  /** INVITEs that wait for what we do, by Call-ID. */
  readonly #ringing = new Map<string, SipRequest>();
  #isClosed = false;

  static async start(name: string, seen: SeenCalls, poster: Poster, seed: number): Promise<Buyer> {
    const line = await openUdpLine();
    const buyer = new Buyer(name, new Phone(name.toLowerCase(), line), seen, poster, seededRandom(seed));
    line.onMessage = (bytes) => buyer.#receive(parseMessage(bytes));
    return buyer;
  }

  private constructor(name: string, phone: Phone, seen: SeenCalls, poster: Poster, random: Random) {
    this.name = name;
    this.#phone = phone;
    this.#seen = seen;
    this.#poster = poster;
    this.#random = random;
  }

  get uri(): string {
    return this.#phone.uri;
  }

  close(): void {
    this.#isClosed = true;
    this.#ringing.clear();
    this.#phone.close();
  }

  #receive(message: SipMessage): void {
    if (message.kind === 'response' || message.method === 'ACK') return;
    if (message.method === 'INVITE') this.#invited(message);
    else if (message.method === 'CANCEL') this.#cancelled(message);
    else this.#phone.reply(message, 200, 'OK');
  }

  #invited(invite: SipRequest): void {
    const callId = invite.headers.get('Call-ID') ?? '';
    const isReinvite = invite.headers.get('To')?.includes(';tag=') === true;
    if (isReinvite) return void this.#phone.reply(invite, 200, 'OK', { body: this.#phone.sdp });
    if (this.#ringing.has(callId)) return;
    const seen = this.#seen.handedOut({
      uuid: invite.headers.get('X-PH-RetreaverUUID') ?? '',
      key: invite.headers.get('X-PH-RetreaverKey') ?? '',
      buyer: this.name,
      callerNumber: /sip:([^@]+)@/.exec(parseNameAddr(invite.headers.get('From') ?? '').uri)?.[1] ?? '',
    });
    const chance = this.#random();
    if (chance < 0.1) return void this.#phone.reply(invite, 486, 'Busy Here');
    this.#ringing.set(callId, invite);
    if (chance < 0.6) this.#phone.reply(invite, 180, 'Ringing');
    if (chance < 0.95) setTimeout(() => this.#answer(invite, seen), this.#random() * 80);
  }

  #answer(invite: SipRequest, seen: SeenCall): void {
    if (!this.#ringing.delete(invite.headers.get('Call-ID') ?? '')) return;
    const answer = this.#phone.reply(invite, 200, 'OK', { body: this.#phone.sdp });
    const call = Call.answered(this.#phone, invite, answer);
    if (this.#random() < 0.3) setTimeout(() => this.#hangUp(call), 20 + this.#random() * 300);
    if (this.#random() < 0.8) this.#poster.sell(seen);
  }

  #hangUp(call: Call): void {
    if (!this.#isClosed) call.request('BYE');
  }

  #cancelled(cancel: SipRequest): void {
    this.#phone.reply(cancel, 200, 'OK');
    const callId = cancel.headers.get('Call-ID') ?? '';
    const invite = this.#ringing.get(callId);
    if (invite !== undefined && this.#ringing.delete(callId)) this.#phone.reply(invite, 487, 'Request Terminated');
  }
}
