import { cseqOf } from '../../../sip/engine/message/cseq.ts';
import { Headers } from '../../../sip/engine/message/headers.ts';
import type { SipMessage, SipRequest, SipResponse } from '../../../sip/engine/message/message.ts';
import { parseNameAddr } from '../../../sip/engine/message/name-addr.ts';
import { parseMessage } from '../../../sip/engine/message/parse.ts';
import { serialize } from '../../../sip/engine/message/serialize.ts';
import { parseSipUri } from '../../../sip/engine/message/uri.ts';
import { type Line, openUdpLine } from './line.ts';

export const sdpOf = (name: string): string =>
  `v=0\r\no=${name} 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n`;

interface Expectation {
  matches(message: SipMessage): boolean;
  resolve(message: SipMessage): void;
}

interface ReplyParts {
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Leave out to answer with the phone's own tag and Contact. */
  readonly contact?: string | null;
  readonly tag?: string;
}

let callCount = 0;

/** A SIP peer on loopback that does nothing but what the test tells it to. */
export class Phone {
  readonly name: string;
  readonly port: number;
  /** Everything that arrived and was not waited for, oldest first. */
  readonly inbox: SipMessage[] = [];
  readonly #line: Line;
  readonly #expectations: Expectation[] = [];
  #branch = 0;

  /** On UDP. */
  static async open(name: string): Promise<Phone> {
    return new Phone(name, await openUdpLine());
  }

  constructor(name: string, line: Line) {
    this.name = name;
    this.#line = line;
    this.port = line.port;
    line.onMessage = (bytes) => this.#onMessage(parseMessage(bytes));
  }

  get uri(): string {
    const transport = this.#line.protocol === 'udp' ? '' : `;transport=${this.#line.protocol}`;
    return `sip:${this.name}@127.0.0.1:${this.port}${transport}`;
  }

  get sdp(): string {
    return sdpOf(this.name);
  }

  close(): void {
    this.#line.close();
  }

  /** The next request with this method, or response with this status, whichever else arrives; rejects after 5 s. */
  receive(what: string): Promise<SipRequest>;
  receive(what: number): Promise<SipResponse>;
  receive(what: string | number): Promise<SipMessage> {
    const matches = (message: SipMessage) =>
      message.kind === 'request' ? message.method === what : message.status === what;
    const at = this.inbox.findIndex(matches);
    if (at >= 0) return Promise.resolve(this.inbox.splice(at, 1)[0]!);
    return new Promise((resolve, reject) => {
      const seen = () => this.inbox.map((each) => (each.kind === 'request' ? each.method : each.status)).join(' ');
      const late = setTimeout(() => reject(new Error(`${this.name} never got ${what}, only: ${seen()}`)), 5000);
      this.#expectations.push({
        matches,
        resolve: (message) => {
          clearTimeout(late);
          resolve(message);
        },
      });
    });
  }

  sendBytes(bytes: Buffer | string, port: number): void {
    this.#line.send(bytes, port);
  }

  send(message: SipMessage, port: number): void {
    this.sendBytes(serialize(message), port);
  }

  /** Answers a request with its own headers copied. */
  reply(request: SipRequest, status: number, reason: string, parts: ReplyParts = {}): SipResponse {
    const headers = new Headers();
    for (const name of ['Via', 'Record-Route', 'From', 'Call-ID', 'CSeq']) {
      for (const value of request.headers.getAll(name)) headers.append(name, value);
    }
    const to = request.headers.get('To') ?? '';
    const isTagged = to.includes(';tag=') || status === 100;
    headers.append('To', isTagged ? to : `${to};tag=${parts.tag ?? `${this.name}-tag`}`);
    if (parts.contact !== null) headers.append('Contact', parts.contact ?? `<${this.uri}>`);
    if (parts.body !== undefined) headers.append('Content-Type', 'application/sdp');
    for (const [name, value] of Object.entries(parts.headers ?? {})) headers.append(name, value);
    const response: SipResponse = { kind: 'response', status, reason, headers, body: Buffer.from(parts.body ?? '') };
    this.send(response, portOfVia(request));
    return response;
  }

  newVia(): string {
    this.#branch += 1;
    const protocol = this.#line.protocol.toUpperCase();
    return `SIP/2.0/${protocol} 127.0.0.1:${this.port};branch=z9hG4bK${this.name}${this.port}${this.#branch}`;
  }

  newCall(serverPort: number): Call {
    callCount += 1;
    return new Call(this, serverPort, `${this.name}-call-${callCount}`);
  }

  #onMessage(message: SipMessage): void {
    const at = this.#expectations.findIndex((each) => each.matches(message));
    if (at < 0) this.inbox.push(message);
    else this.#expectations.splice(at, 1)[0]!.resolve(message);
  }
}

/** One side of a dialog, kept by the phone: enough state to send requests in it. */
export class Call {
  readonly phone: Phone;
  readonly serverPort: number;
  readonly callId: string;
  from: string;
  to: string;
  target: string;
  cseq = 0;
  /** The last INVITE sent. */
  invite: SipRequest | undefined;

  constructor(phone: Phone, serverPort: number, callId: string) {
    this.phone = phone;
    this.serverPort = serverPort;
    this.callId = callId;
    this.from = `<${phone.uri}>;tag=${phone.name}-tag`;
    this.to = `<sip:service@127.0.0.1:${serverPort}>`;
    this.target = `sip:service@127.0.0.1:${serverPort}`;
  }

  /** The called side of the INVITE it has just answered. */
  static answered(phone: Phone, invite: SipRequest, answer: SipResponse): Call {
    const call = new Call(phone, portOfVia(invite), invite.headers.get('Call-ID') ?? '');
    call.from = answer.headers.get('To') ?? '';
    call.to = invite.headers.get('From') ?? '';
    call.target = parseNameAddr(invite.headers.get('Contact') ?? '').uri;
    return call;
  }

  sendInvite(body: string | null = this.phone.sdp, headers: Record<string, string> = {}): SipRequest {
    const type: Record<string, string> = body === null ? {} : { 'Content-Type': 'application/sdp' };
    const contact = { Contact: `<${this.phone.uri}>` };
    this.invite = this.request('INVITE', { ...contact, ...type, ...headers }, body ?? '');
    return this.invite;
  }

  request(method: string, headers: Record<string, string> = {}, body = ''): SipRequest {
    this.cseq += 1;
    const request = this.#build(method, this.cseq, this.phone.newVia(), headers, body);
    this.phone.send(request, this.serverPort);
    return request;
  }

  /** Takes the dialog's far side from a response. */
  learn(response: SipResponse): void {
    this.to = response.headers.get('To') ?? this.to;
    const contact = response.headers.get('Contact');
    if (contact !== undefined) this.target = parseNameAddr(contact).uri;
  }

  /** ACK for a 2xx; returns it so that it can be sent again. */
  ack(response: SipResponse, body = '', headers: Record<string, string> = {}): SipRequest {
    this.learn(response);
    const type: Record<string, string> = body === '' ? {} : { 'Content-Type': 'application/sdp' };
    const ack = this.#build('ACK', cseqOf(response).number, this.phone.newVia(), { ...type, ...headers }, body);
    this.phone.send(ack, this.serverPort);
    return ack;
  }

  /** ACK for a final response that is not a 2xx: on the branch of the INVITE. */
  ackFailure(response: SipResponse): void {
    const invite = this.invite!;
    const ack = this.#build('ACK', cseqOf(invite).number, invite.headers.get('Via')!, {}, '');
    ack.uri = invite.uri;
    ack.headers.set('To', response.headers.get('To')!);
    this.phone.send(ack, this.serverPort);
  }

  cancel(headers: Record<string, string> = {}): SipRequest {
    const invite = this.invite!;
    const cancel = this.#build('CANCEL', cseqOf(invite).number, invite.headers.get('Via')!, headers, '');
    cancel.uri = invite.uri;
    this.phone.send(cancel, this.serverPort);
    return cancel;
  }

  #build(method: string, cseq: number, via: string, extra: Record<string, string>, body: string): SipRequest {
    const headers = Headers.from([
      ['Via', via],
      ['Max-Forwards', '70'],
      ['From', this.from],
      ['To', this.to],
      ['Call-ID', this.callId],
      ['CSeq', `${cseq} ${method}`],
    ]);
    for (const [name, value] of Object.entries(extra)) headers.set(name, value);
    return { kind: 'request', method, uri: this.target, headers, body: Buffer.from(body) };
  }
}

function portOfVia(request: SipRequest): number {
  const sentBy = (request.headers.get('Via') ?? '').split(' ')[1]?.split(';')[0] ?? '';
  return parseSipUri(`sip:${sentBy}`).port ?? 5060;
}
