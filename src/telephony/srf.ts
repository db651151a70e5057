import Srf from 'drachtio-srf';

/**
 * The part of drachtio-srf this program uses, typed as it behaves (5.0.29; the package's own types leave out callbacks,
 * `queueRequests`, `cancel` without arguments and the BYE's reason).
 */
export interface SipApplication {
  createUAC(
    options: UacOptions,
    progress: UacProgress,
    done: (error: SipFailure | null, leg?: UacResult) => void,
  ): void;
  createUAS(
    req: InviteRequest,
    res: InviteResponse,
    options: UasOptions,
    done: (error: Error | null, dialog?: SipDialog) => void,
  ): void;
  /** `stackDialogId`: inside that dialog; then the uri is only a placeholder. */
  request(
    options: { uri: string; method: string; stackDialogId?: string; headers: Record<string, string>; body?: string },
    sent: (error: Error | null, request?: SentRequest) => void,
  ): void;
  connect(options: { host: string; port: number; secret: string }): void;
  disconnect(): void;
  on(event: 'connect', listener: (error: Error | null, hostports: string, version?: string | null) => void): void;
  on(event: 'error' | 'close', listener: (error?: Error) => void): void;
  invite(handler: (req: InviteRequest, res: InviteResponse) => void): void;
  options(handler: (req: InviteRequest, res: InviteResponse) => void): void;
  use(method: string, handler: (req: InviteRequest, res: InviteResponse) => void): void;
}

export interface SipHeaders {
  get(name: string): string | undefined;
  has(name: string): boolean;
}

export interface SipRequest extends SipHeaders {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  /** `network`, or `application` for a request the engine made itself (session expired, no ACK). */
  readonly source: 'network' | 'application';
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly headers: Record<string, string>;
}

export interface InviteRequest extends SipRequest {
  on(event: 'cancel', listener: (cancel: SipHeaders) => void): void;
  on(event: 'update', listener: (req: SipRequest, res: InviteResponse) => void): void;
}

export interface SentRequest extends Pick<SipHeaders, 'get'> {
  /** As it is on the wire. */
  readonly uri?: string;
  /** What the request was made from, and will be made from again with a login. */
  readonly _originalParams?: { readonly options: { uri: string } };
  cancel(options: { headers?: Record<string, string> }): void;
  on(event: 'update', listener: (req: SipRequest, res: InviteResponse) => void): void;
  on(event: 'response', listener: (res: SipResponse) => void): void;
  removeAllListeners(event: 'update'): void;
}

export interface SipResponse extends SipHeaders {
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  /** The dialog it belongs to, an early one too. */
  readonly stackDialogId?: string;
  /** What it answers. */
  readonly req: SentRequest;
}

export interface InviteResponse {
  /** Known when the first response has left. */
  readonly stackDialogId?: string;
  readonly finalResponseSent: boolean;
  send(
    status: number,
    reason?: string,
    options?: { headers?: Record<string, string>; body?: string },
    sent?: (error: Error | null) => void,
  ): void;
}

/** Gives the login for a request that was challenged; it may correct the request's options before it is sent again. */
export type LoginAnswer = (
  req: SentRequest,
  res: SipResponse,
  answer: (error: Error | null, username: string, password: string) => void,
) => void;

export interface UacOptions {
  uri: string;
  method: 'INVITE';
  headers: Record<string, string>;
  /** Empty for a delayed offer (RFC 3261 §13.2.1): then `noAck` must be set. */
  localSdp?: string;
  noAck?: boolean;
  /** For a 401 or 407, to this INVITE and later in its dialog. */
  auth?: LoginAnswer;
  /** Next hop, where that is not the Request-URI's host. */
  proxy?: string;
}

export interface UacProgress {
  cbRequest(error: Error | null, request?: SentRequest): void;
  cbProvisional(response: SipResponse): void;
}

export interface UasOptions {
  localSdp: string;
  headers: Record<string, string>;
}

/** An INVITE refused with a status, or not sent at all (no status). */
export interface SipFailure extends Error {
  readonly status?: number;
  readonly reason?: string;
  readonly res?: SipResponse;
}

/** A buyer's 2xx: a dialog; or, to an INVITE without an offer, what is needed to make one. */
export type UacResult = SipDialog | DelayedOffer;

export interface DelayedOffer {
  readonly sdp: string;
  ack(answer: string): Promise<SipDialog>;
  destroy(): Promise<void>;
}

export interface SipDialog {
  other: SipDialog;
  /** True holds back incoming requests until it is set false. */
  queueRequests: boolean;
  readonly connected: boolean;
  /** Of a buyer's leg, its 2xx. */
  readonly res: SipHeaders;
  readonly local: { sdp: string };
  readonly remote: { sdp: string };
  on(event: 'destroy', listener: (bye: SipRequest, reason: string) => void): void;
  on(event: 'modify' | 'update', listener: (req: SipRequest, res: InviteResponse) => void): void;
  on(
    event: 'info' | 'notify' | 'message' | 'options' | 'refer',
    listener: (req: SipRequest, res: InviteResponse) => void,
  ): void;
  once(event: 'ack', listener: (ack: SipRequest) => void): void;
  removeAllListeners(): void;
  request(options: { method: string; body: string; headers: Record<string, string> }): Promise<SipResponse>;
  destroy(options: { headers?: Record<string, string> }, done: (error: Error | null) => void): void;
}

/** A drachtio application, not yet connected. */
export function createSipApplication(): SipApplication {
  return new Srf() as unknown as SipApplication;
}
