import type { SipApplication } from '../srf.ts';
import { watchingCallIds } from '../watching-call-ids.ts';

const REMEMBERED = 20_000;

/** Call-IDs of the INVITEs we sent last. One that comes in with such a Call-ID is our own, come back to us. */
export class OwnCallIds {
  readonly #ids = new Set<string>();
  readonly #remembered: number;

  constructor(remembered = REMEMBERED) {
    this.#remembered = remembered;
  }

  has(callId: string | undefined): boolean {
    return callId !== undefined && this.#ids.has(callId);
  }

  add(callId: string): void {
    this.#ids.add(callId);
    if (this.#ids.size <= this.#remembered) return;
    const [oldest] = this.#ids; // a Set keeps the order of insertion
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  /** The same application, noting the INVITEs that are sent through it. */
  watching(sip: SipApplication): SipApplication {
    return watchingCallIds(sip, (callId) => this.add(callId));
  }
}
