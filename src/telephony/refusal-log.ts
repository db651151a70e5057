import type { Logger } from '../log.ts';
import type { RefusalCause, Refused } from './admission/refused.ts';
import type { InviteRequest } from './srf.ts';

const INTERVAL_MS = 10_000;

/**
 * Logs refused INVITEs: the first of each cause at once, then one line per interval with how many more there were. A
 * scanner's flood must not become a flood of log lines.
 */
export class RefusalLog {
  readonly #log: Logger;
  readonly #more = new Map<RefusalCause, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS).unref();
  }

  /** Being asked for a login is how every login begins: that is no refusal yet. */
  note({ cause, sipStatus, carrierId }: Refused, req: InviteRequest): void {
    if (cause === 'login_asked') {
      this.#log.debug({ peer: peerOf(req), sipCallId: req.get('call-id') }, 'login asked for');
      return;
    }
    const more = this.#more.get(cause);
    if (more !== undefined) {
      this.#more.set(cause, more + 1);
      return;
    }
    this.#more.set(cause, 0);
    this.#log.warn(
      { reason: cause, sipStatus, carrierId, peer: peerOf(req), requestUri: req.uri, sipCallId: req.get('call-id') },
      'INVITE refused',
    );
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #report(): void {
    for (const [reason, more] of this.#more) {
      if (more > 0) this.#log.warn({ reason, more, elapsedMs: INTERVAL_MS }, 'more INVITEs refused');
      this.#more.delete(reason);
    }
  }
}

function peerOf({ protocol, source_address, source_port }: InviteRequest): string {
  return `${protocol}/${source_address}:${source_port}`;
}
