import type { SipRequest, SipResponse } from '../message/message.ts';
import type { Flow, Target } from '../transport/transport.ts';

/** How the application names a transaction and the dialog it is in; `dialogId` is empty outside one. */
export interface Ids {
  readonly transactionId: string;
  readonly dialogId: string;
}

/** A message of ours as it left. */
export interface Sent extends Ids {
  readonly bytes: Buffer;
  readonly via: Target;
}

/** One program that owns requests and dialogs: the port to the layer above. */
export interface Application {
  /** False once it is gone for good; what it owned is then the engine's to end. */
  readonly isConnected: boolean;
  /** New requests, those inside dialogs, ACK to a 2xx, and CANCEL. */
  deliverRequest(request: SipRequest, flow: Flow, ids: Ids): void;
  /** Exactly one final response for each request it sent, from the network or made up here. */
  deliverResponse(response: SipResponse, from: Target, ids: Ids): void;
  /** A request the engine sent in a dialog of the application by itself. */
  deliverOwnRequest(sent: Sent): void;
}

/** Decides who gets a request that belongs to no dialog. */
export interface ApplicationRouter {
  applicationFor(method: string): Application | undefined;
}

/** Owner of what nobody waits for: the engine's own requests and those of an application that left. */
export const nobody: Application = {
  isConnected: false,
  deliverRequest: () => {},
  deliverResponse: () => {},
  deliverOwnRequest: () => {},
};
