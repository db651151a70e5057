import type { SipMessage } from '../../sip/engine/message/message.ts';
import { parseMessage } from '../../sip/engine/message/parse.ts';
import { openUdpLine } from '../engine/support/line.ts';
import { type Call, Phone } from '../engine/support/phone.ts';
import { NUMBER } from '../support/account.ts';
import type { Random } from '../support/seeded-random.ts';
import type { SeenCalls } from './seen-call.ts';

const CALLS_PER_TICK = 2;
const TICK_MS = 20;
const FIRST_NUMBER = 2_025_000_000;
/** So that calls are open whenever the service dies. */
const LONG_TALK_MS = 20_000;

interface Placed {
  readonly call: Call;
  readonly number: string;
  isUp: boolean;
}

/** A carrier that calls without pause, a hundred times a second, whether anybody is there or not. */
export class Callers {
  readonly #phone: Phone;
  readonly #port: number;
  readonly #seen: SeenCalls;
  readonly #random: Random;
  readonly #placed = new Map<string, Placed>();
  readonly #timer: NodeJS.Timeout;
  #count = 0;

  static async start(port: number, seen: SeenCalls, random: Random): Promise<Callers> {
    const line = await openUdpLine();
    const callers = new Callers(new Phone('carrier', line), port, seen, random);
    line.onMessage = (bytes) => callers.#receive(parseMessage(bytes));
    return callers;
  }

  private constructor(phone: Phone, port: number, seen: SeenCalls, random: Random) {
    this.#phone = phone;
    this.#port = port;
    this.#seen = seen;
    this.#random = random;
    this.#timer = setInterval(() => {
      for (let each = 0; each < CALLS_PER_TICK; each += 1) this.#place();
    }, TICK_MS);
  }

  get count(): number {
    return this.#count;
  }

  /** No new calls; those that are up go on. */
  pause(): void {
    clearInterval(this.#timer);
  }

  /** Hangs up all that is up. */
  hangUpAll(): void {
    for (const placed of this.#placed.values()) this.#hangUp(placed);
  }

  close(): void {
    this.pause();
    this.#placed.clear();
    this.#phone.close();
  }

  #place(): void {
    const number = `+1${FIRST_NUMBER + this.#count}`;
    this.#count += 1;
    const call = this.#phone.newCall(this.#port);
    call.from = `<sip:${number}@127.0.0.1:${this.#phone.port}>;tag=${call.callId}`;
    call.to = `<sip:${NUMBER}@127.0.0.1:${this.#port}>`;
    call.target = `sip:${NUMBER}@127.0.0.1:${this.#port}`;
    const placed = { call, number, isUp: false };
    this.#placed.set(call.callId, placed);
    call.sendInvite();
    if (this.#random() < 0.1) setTimeout(() => this.#giveUp(placed), this.#random() * 60);
  }

  #giveUp({ call, isUp }: Placed): void {
    if (!isUp && this.#placed.has(call.callId)) call.cancel();
  }

  #receive(message: SipMessage): void {
    if (message.kind === 'request') {
      this.#phone.reply(message, 200, 'OK');
      if (message.method === 'BYE') this.#placed.delete(message.headers.get('Call-ID') ?? '');
      return;
    }
    const placed = this.#placed.get(message.headers.get('Call-ID') ?? '');
    if (placed === undefined || message.status < 200 || !message.headers.get('CSeq')?.endsWith('INVITE')) return;
    if (message.status >= 300) {
      placed.call.ackFailure(message);
      this.#placed.delete(placed.call.callId);
      return;
    }
    placed.call.ack(message);
    if (placed.isUp) return;
    placed.isUp = true;
    this.#seen.answered(placed.number);
    const talkMs = this.#random() < 0.2 ? LONG_TALK_MS : this.#random() * 400;
    setTimeout(() => this.#hangUp(placed), talkMs).unref();
  }

  #hangUp(placed: Placed): void {
    if (!placed.isUp || !this.#placed.delete(placed.call.callId)) return;
    placed.call.request('BYE');
  }
}
