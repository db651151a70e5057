import type { Destination } from '../../src/domain/destination.ts';
import { createLog } from '../../src/log.ts';
import type { Dialling } from '../../src/telephony/dialling.ts';
import type {
  SipApplication,
  SipDialog,
  SipFailure,
  SipResponse,
  UacOptions,
  UacProgress,
} from '../../src/telephony/srf.ts';

type Done = Parameters<SipApplication['createUAC']>[2];

/** One INVITE as drachtio-srf would have it: nothing happens to it but what a test does. */
export class ScriptedInvite {
  readonly options: UacOptions;
  readonly #progress: UacProgress;
  readonly #done: Done;
  cancelled: { headers?: Record<string, string> } | undefined;
  /** A BYE to the dialog its 2xx made; call it to answer. */
  answerBye: (() => void) | undefined;

  constructor(options: UacOptions, progress: UacProgress, done: Done) {
    this.options = options;
    this.#progress = progress;
    this.#done = done;
  }

  leaves(): void {
    const cancel = (options: { headers?: Record<string, string> }) => {
      this.cancelled = options;
    };
    const request = { get: () => 'call-id', cancel, on: () => undefined, removeAllListeners: () => undefined };
    this.#progress.cbRequest(null, request);
  }

  rings(status = 180): void {
    const headers = { get: () => undefined, has: () => false };
    this.#progress.cbProvisional({ status, reason: '', body: '', ...headers } as unknown as SipResponse);
  }

  isRefused(status: number): void {
    this.#done(Object.assign(new Error('refused'), { status, reason: 'Refused' }) as SipFailure);
  }

  answered(): void {
    const dialog: Partial<SipDialog> = {
      connected: true,
      queueRequests: false,
      local: { sdp: '' },
      remote: { sdp: 'answer' },
      destroy: (_options, done) => {
        this.answerBye = () => done(null);
      },
    };
    this.#done(null, dialog as SipDialog);
  }
}

/** INVITEs in the order in which they were sent, and what was written down. */
export class ScriptedSip {
  readonly invites: ScriptedInvite[] = [];
  readonly failures: string[] = [];
  readonly skippedUris = new Set<string>();
  readonly dialling: Dialling;
  #seq = 0;

  constructor() {
    const createUAC: SipApplication['createUAC'] = (options, progress, done) => {
      this.invites.push(new ScriptedInvite(options, progress, done));
    };
    this.dialling = {
      sip: { createUAC } as SipApplication,
      sdp: 'offer',
      now: () => 0,
      log: createLog('silent'),
      prepare: (destination: Destination) => {
        const uri = destination.kind === 'sip' ? destination.uri : destination.number;
        return this.skippedUris.has(uri) ? undefined : { uri, shown: uri, headers: {} };
      },
      selected: async () => undefined,
      nextSeq: () => {
        this.#seq += 1;
        return this.#seq;
      },
      began: () => undefined,
      failed: (seq, { sipStatus, reason }) => this.failures.push(`${seq}: ${sipStatus} ${reason}`),
    };
  }

  to(uri: string): ScriptedInvite {
    const invite = this.invites.find(({ options }) => options.uri === uri);
    if (invite === undefined) throw new Error(`no INVITE to ${uri}`);
    return invite;
  }
}

/** Everything that waits for a promise which is settled has had its turn. */
export const turnsOver = () => new Promise((resolve) => setImmediate(resolve));
