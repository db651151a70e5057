import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, mutated, mutationKinds } from '../engine/support/mutation.ts';
import { pick, type Random } from '../support/seeded-random.ts';

const torture = join(import.meta.dirname, '../../sip/torture');
const files = readdirSync(torture)
  .filter((name) => name.endsWith('.dat'))
  .map((name) => readFileSync(join(torture, name)));
const marks = Buffer.from('\r\n\0 \t:;,<>"\\@=?[]/');
const newMethods = ['INVITE', 'INVITE', 'OPTIONS', 'REGISTER', 'MESSAGE', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'FOO'];
const laterMethods = ['ACK', 'ACK', 'CANCEL', 'BYE', 'INVITE', 'INFO', 'UPDATE', 'PRACK'];
const statuses = [100, 180, 183, 200, 200, 302, 401, 404, 486, 503];
const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';
const remembered = 50;

interface Call {
  readonly id: number;
  toTag: string;
}

/** Messages of a peer that means no good: valid ones, torture ones and damaged ones, some of them in calls that exist. */
export class HostileMessages {
  readonly #random: Random;
  readonly #calls: Call[] = [];
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): Buffer {
    const random = this.#random;
    const whole = random() < 0.15 ? pick(random, files) : Buffer.from(this.#text());
    return random() < 0.2 ? whole : mutated(whole, this.#mutations());
  }

  /** Reads an answer of the engine, so that later messages can belong to its dialog. */
  learn(answer: string): void {
    const id = /^Call-ID: hostile-(\d+)\r$/m.exec(answer)?.[1];
    const tag = /^To: .*;tag=([^;\r]+)/m.exec(answer)?.[1];
    if (id === undefined || tag === undefined) return;
    const call = this.#calls.find((each) => `${each.id}` === id);
    if (call !== undefined) call.toTag = tag;
  }

  #text(): string {
    const random = this.#random;
    const kind = random();
    if (kind < 0.1) return this.#response();
    if (kind < 0.5 && this.#calls.length > 0)
      return this.#request(pick(random, laterMethods), pick(random, this.#calls));
    this.#count += 1;
    const call = { id: this.#count, toTag: '' };
    this.#calls.push(call);
    if (this.#calls.length > remembered) this.#calls.shift();
    return this.#request(pick(random, newMethods), call);
  }

  #request(method: string, { id, toTag }: Call): string {
    const isOfInvite = method === 'CANCEL' || (method === 'ACK' && this.#random() < 0.5);
    const branch = isOfInvite ? `${id}` : `${id}-${Math.floor(this.#random() * 1e6)}`;
    const body = method === 'INVITE' ? sdp : '';
    return [
      `${method} sip:service@127.0.0.1 SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK${newMethods.includes(method) && toTag === '' ? id : branch}`,
      'Max-Forwards: 70',
      `From: "Mallory" <sip:mallory@127.0.0.1>;tag=m${id}`,
      `To: <sip:service@127.0.0.1>${toTag === '' || method === 'CANCEL' ? '' : `;tag=${toTag}`}`,
      `Call-ID: hostile-${id}`,
      `CSeq: ${isOfInvite ? 1 : 1 + Math.floor(this.#random() * 5)} ${method}`,
      'Contact: <sip:mallory@127.0.0.1:5070>',
      'Supported: timer, 100rel',
      'Content-Type: application/sdp',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }

  #response(): string {
    const id = Math.floor(this.#random() * 1e6);
    return [
      `SIP/2.0 ${pick(this.#random, statuses)} Because`,
      `Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK${id}`,
      `From: <sip:service@127.0.0.1>;tag=m${id}`,
      'To: <sip:mallory@127.0.0.1>;tag=x',
      `Call-ID: nobody-${id}`,
      `CSeq: 1 ${pick(this.#random, laterMethods)}`,
      'Content-Length: 0\r\n\r\n',
    ].join('\r\n');
  }

  #mutations(): Mutation[] {
    const random = this.#random;
    const number = (below: number): number => Math.floor(random() * below);
    return Array.from({ length: 1 + Math.floor(random() ** 3 * 4) }, () => ({
      kind: pick(random, mutationKinds),
      at: number(2_000),
      value: random() < 0.5 ? marks[number(marks.length)]! : number(256),
      length: random() < 0.8 ? number(8) : number(300),
    }));
  }
}
