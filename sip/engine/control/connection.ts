import type { Socket } from 'node:net';
import type { Application, Ids, Sent } from '../dialog/application.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { serialize } from '../message/serialize.ts';
import type { EndOfTurn } from '../transport/end-of-turn.ts';
import type { Flow, Target } from '../transport/transport.ts';
import { FrameWriter } from './frame-writer.ts';
import { metaBlock } from './meta.ts';

/** One application over its control connection: events become frames in the turn they happen in, which keeps their order. */
export class Connection implements Application {
  isConnected = true;
  isAuthenticated = false;
  readonly #writer: FrameWriter;
  #frames = 0;

  constructor(socket: Socket, endOfTurn: EndOfTurn) {
    this.#writer = new FrameWriter(socket, endOfTurn);
  }

  deliverRequest(request: SipRequest, flow: Flow, { transactionId, dialogId }: Ids): void {
    const message = serialize(request);
    const peer = { protocol: flow.protocol, address: flow.remoteAddress, port: flow.remotePort };
    const isNew = dialogId === '' && request.method !== 'CANCEL';
    const receivedOn = isNew ? `${flow.localAddress}|${flow.localPort}|` : '';
    this.#sip(metaBlock('network', message.length, peer), `${transactionId}|${dialogId}|${receivedOn}`, message);
  }

  deliverResponse(response: SipResponse, from: Target, { transactionId, dialogId }: Ids): void {
    const message = serialize(response);
    this.#sip(metaBlock('network', message.length, from), `${transactionId}|${dialogId}|`, message);
  }

  deliverOwnRequest({ bytes, via, dialogId }: Sent): void {
    this.#sip(metaBlock('application', bytes.length, via), `unsolicited|${dialogId}|`, bytes);
  }

  /** Acknowledges a command that has nothing to show. */
  ok(commandId: string, ...fields: readonly string[]): void {
    this.#writer.write([this.#nextId(), 'response', commandId, 'OK', ...fields].join('|'));
  }

  requestSent(commandId: string, { bytes, via, transactionId }: Sent): void {
    const meta = metaBlock('application', bytes.length, via);
    this.#writer.write(`${this.#nextId()}|response|${commandId}|OK|${meta}|${transactionId}|Msg sent:|`, bytes);
  }

  responseSent(commandId: string, { bytes, via, transactionId, dialogId }: Sent): void {
    const meta = metaBlock('application', bytes.length, via);
    const ids = `${transactionId}|${dialogId}`;
    this.#writer.write(`${this.#nextId()}|response|${commandId}|OK|${meta}|${ids}||Msg sent:|`, bytes);
  }

  /** A final response to what the command had proxied; more frames for the same command follow. */
  proxied(commandId: string, response: SipResponse, from: Target): void {
    const message = serialize(response);
    const meta = metaBlock('network', message.length, from);
    this.#writer.write(`${this.#nextId()}|response|${commandId}|OK|${meta}|||continue`, message);
  }

  /** The command was understood and is not carried out. */
  refused(commandId: string, reason: string): void {
    this.#writer.write(`${this.#nextId()}|response|${commandId}|NOK|${reason}`);
  }

  /** The command breaks the protocol; the connection is about to close. */
  rejected(commandId: string, reason: string): void {
    this.#writer.write(`${this.#nextId()}|response|${commandId}|NO|${reason}`);
  }

  /** Sends at once what this turn has written, for a connection about to be closed. */
  flush(): void {
    this.#writer.flush();
  }

  #sip(meta: string, ids: string, message: Buffer): void {
    this.#writer.write(`${this.#nextId()}|sip|${meta}|${ids}`, message);
  }

  /** Names a frame of ours; unique on this connection is all that is asked. */
  #nextId(): string {
    this.#frames += 1;
    return `f${this.#frames}`;
  }
}
