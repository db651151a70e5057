import type { Buyer } from '../../domain/buyer.ts';
import type { SipDestination } from '../../domain/destination.ts';
import type { CallRecord } from '../call-record.ts';
import type { Dialling, Tried } from '../dialling.ts';
import type { SipRequest } from '../srf.ts';
import { type ReferRefusal, type ReferTarget, referTarget } from './refer-target.ts';
import type { Transferring } from './transferring.ts';

/** The transfers one buyer may make of one call. */
export class Transfers {
  readonly #buyer: Buyer;
  readonly #own: readonly SipDestination[];
  readonly #dialling: Dialling;
  readonly #record: CallRecord;

  constructor(buyer: Buyer, answeredAt: Tried['at'], dialling: Dialling, record: CallRecord) {
    this.#buyer = buyer;
    const inOrder = [answeredAt, ...buyer.destinations.filter((each) => each !== answeredAt)];
    this.#own = inOrder.flatMap((destination) => (destination.kind === 'sip' ? [destination] : []));
    this.#dialling = dialling;
    this.#record = record;
  }

  judge(refer: SipRequest): ReferTarget | ReferRefusal {
    const ownUris = this.#own.map(({ uri }) => uri);
    return referTarget(refer.get('refer-to'), { rule: this.#buyer.transfers, ownUris, here: refer.uri });
  }

  /** uuid and key go along to the buyer's own hosts only; undefined when the target cannot be dialled. */
  prepare({ uri, own, replaces }: ReferTarget, refer: SipRequest): Transferring | undefined {
    const known = this.#own.find((each) => each.uri === own);
    const foreign: SipDestination = { kind: 'sip', uri, login: undefined, headers: {}, healthCheckSeconds: undefined };
    const how = { isAlone: false, isForeign: known === undefined };
    const dial = this.#dialling.prepare(known === undefined ? foreign : { ...known, uri }, this.#buyer, how);
    if (dial === undefined) return undefined;
    const referredBy = refer.get('referred-by');
    const headers = {
      ...dial.headers,
      ...(replaces === undefined ? {} : { Replaces: replaces, Require: 'replaces' }),
      ...(referredBy === undefined ? {} : { 'Referred-By': referredBy }),
    };
    const seq = this.#dialling.nextSeq();
    const { sip, now } = this.#dialling;
    const kind = replaces === undefined ? 'blind' : 'attended';
    return {
      ...{ sip, now, dial: { ...dial, headers }, ringTimeoutMs: this.#buyer.ringTimeoutSeconds * 1000 },
      began: (destination) => this.#record.transferBegan({ seq, buyerId: this.#buyer.id, destination, kind }),
      answered: () => this.#record.transferEnded({ seq, sipStatus: 200, reason: '' }),
      failed: (sipStatus, reason) => this.#record.transferEnded({ seq, sipStatus, reason }),
    };
  }
}
