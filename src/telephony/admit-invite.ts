import type { Campaign, DialedNumber, Publisher } from '../domain/account.ts';
import type { Carrier } from '../domain/carrier.ts';
import { type ConfiguredTag, configuredTags } from '../domain/configured-tags.ts';
import type { AccountDirectory } from './account-directory.ts';
import type { CarrierLimits } from './admission/carrier-limits.ts';
import { dialedNumber } from './admission/dialed-number.ts';
import type { DigestLogins } from './admission/digest-logins.ts';
import { identifyCarrier } from './admission/identify-carrier.ts';
import type { OwnCallIds } from './admission/own-call-ids.ts';
import { type Refused, refused } from './admission/refused.ts';
import { type Caller, identifyCaller } from './caller-identity.ts';
import type { InviteRequest } from './srf.ts';

/** An INVITE we take: whose it is, what was dialled and who calls. */
export interface Admitted {
  readonly kind: 'admitted';
  readonly carrier: Carrier;
  readonly number: DialedNumber;
  readonly campaign: Campaign;
  readonly publisher: Publisher | undefined;
  readonly caller: Caller;
  readonly tags: readonly ConfiguredTag[];
  /** For the outgoing INVITE: one less than received (RFC 3261 §16.6.3), so that a loop through us ends. */
  readonly maxForwards: number;
}

/** What an INVITE is judged by. */
export interface Admission {
  readonly directory: AccountDirectory;
  readonly draining: boolean;
  readonly logins: DigestLogins;
  readonly limits: CarrierLimits;
  readonly ownCallIds: OwnCallIds;
}

const DEFAULT_MAX_FORWARDS = 70;
const DRAINING_RETRY_AFTER = 30;

/** Decides whether an INVITE is taken (semantics §1.1, §7): known carrier, known number, no loop, within its limits. */
export function admitInvite(req: InviteRequest, admission: Admission): Admitted | Refused {
  const carrier = identifyCarrier(req, admission.directory, admission.logins);
  if ('kind' in carrier) return carrier;
  const judged = judge(req, carrier, admission);
  return judged.kind === 'refused' ? { ...judged, carrierId: carrier.id } : judged;
}

function judge(req: InviteRequest, carrier: Carrier, admission: Admission): Admitted | Refused {
  const { directory, draining, limits, ownCallIds } = admission;
  const unavailable = (cause: Refused['cause'], retryAfterSeconds: number): Refused => ({
    ...refused(503, 'Service Unavailable', cause),
    retryAfterSeconds,
  });
  if (draining) return unavailable('draining', DRAINING_RETRY_AFTER);
  const maxForwards = Number.parseInt(req.get('max-forwards') ?? `${DEFAULT_MAX_FORWARDS}`, 10);
  if (!(maxForwards > 0)) return refused(483, 'Too Many Hops', 'too_many_hops');
  if (ownCallIds.has(req.get('call-id'))) return refused(482, 'Loop Detected', 'loop');
  if (!req.has('contact')) return refused(400, 'Missing Contact Header', 'no_contact');

  const dialed = dialedNumber(req, carrier);
  const number = dialed === undefined ? undefined : directory.number(dialed);
  const campaign = number && directory.campaign(number.campaignId);
  if (number === undefined || campaign === undefined) return refused(404, 'Not Found', 'unknown_number');
  const exceeded = limits.exceededBy(carrier);
  if (exceeded !== undefined) return unavailable(exceeded.cause, exceeded.retryAfterSeconds);
  const publisher = directory.publisher(number.publisherId);
  return {
    kind: 'admitted',
    carrier,
    number,
    campaign,
    publisher,
    caller: identifyCaller(req, carrier),
    tags: configuredTags(number, publisher, campaign),
    maxForwards: maxForwards - 1,
  };
}
