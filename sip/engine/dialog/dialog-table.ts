import type { SipRequest } from '../message/message.ts';
import type { Dialog } from './dialog.ts';
import { callIdOf, dialogIdOf, fromTagOf, toTagOf } from './dialog-id.ts';

/** All dialogs, early ones too, under the id the application knows. */
export class DialogTable {
  readonly #byId = new Map<string, Dialog>();

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  get(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  add(dialog: Dialog): void {
    this.#byId.set(dialog.id, dialog);
  }

  remove(dialog: Dialog): void {
    if (this.#byId.get(dialog.id) === dialog) this.#byId.delete(dialog.id);
  }

  /** By Call-ID and both tags; the Request-URI plays no part (RFC 3261 §12.2.2). */
  findFor(request: SipRequest): Dialog | undefined {
    const callId = callIdOf(request.headers);
    const fromTag = fromTagOf(request.headers);
    const toTag = toTagOf(request.headers) ?? '';
    const asCaller = this.#byId.get(dialogIdOf(callId, toTag));
    if (asCaller?.role === 'uac') {
      if (asCaller.remoteTag === fromTag) return asCaller;
      // Peers that lost the race to answer have no dialog any more.
      const fork = asCaller.isConfirmed ? undefined : asCaller.forks?.find(fromTag);
      if (fork !== undefined) return fork;
    }
    const asCallee = this.#byId.get(dialogIdOf(callId, fromTag));
    return asCallee?.role === 'uas' && asCallee.localTag === toTag ? asCallee : undefined;
  }

  *[Symbol.iterator](): Generator<Dialog> {
    yield* this.#byId.values();
  }
}
