import type { Campaign, DialedNumber, Publisher } from '../domain/account.ts';
import type { Carrier } from '../domain/carrier.ts';
import { type ConfiguredTag, configuredTags } from '../domain/configured-tags.ts';
import { e164FromUser } from '../domain/phone-number.ts';
import type { AccountDirectory } from './account-directory.ts';
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

/** An INVITE we do not take, with the answer the carrier gets. */
export interface Refused {
  readonly kind: 'refused';
  readonly sipStatus: number;
  readonly reason: string;
  /** For the log: what an operator should look at. */
  readonly cause: 'unknown_carrier' | 'unknown_number' | 'too_many_hops' | 'no_contact' | 'draining';
  readonly retryAfterSeconds?: number;
}

const DEFAULT_MAX_FORWARDS = 70;

/** Decides whether an INVITE is taken (semantics §1.1, §7): known carrier, known number, hops left. */
export function admitInvite(req: InviteRequest, directory: AccountDirectory, draining: boolean): Admitted | Refused {
  const carrier = directory.carrierAt(req.source_address);
  if (carrier === undefined) return refused(403, 'Forbidden', 'unknown_carrier');
  if (draining) return { ...refused(503, 'Service Unavailable', 'draining'), retryAfterSeconds: 30 };
  const maxForwards = Number.parseInt(req.get('max-forwards') ?? `${DEFAULT_MAX_FORWARDS}`, 10);
  if (!(maxForwards > 0)) return refused(483, 'Too Many Hops', 'too_many_hops');
  if (!req.has('contact')) return refused(400, 'Missing Contact Header', 'no_contact');

  const dialed = e164FromUser(userOf(req.uri));
  const number = dialed === undefined ? undefined : directory.number(dialed);
  const campaign = number && directory.campaign(number.campaignId);
  if (number === undefined || campaign === undefined) return refused(404, 'Not Found', 'unknown_number');
  const publisher = directory.publisher(number.publisherId);
  return {
    kind: 'admitted',
    carrier,
    number,
    campaign,
    publisher,
    caller: identifyCaller(req),
    tags: configuredTags(number, publisher, campaign),
    maxForwards: maxForwards - 1,
  };
}

function refused(sipStatus: number, reason: string, cause: Refused['cause']): Refused {
  return { kind: 'refused', sipStatus, reason, cause };
}

/** The user part of a sip, sips or tel URI; empty where there is none. */
function userOf(uri: string): string {
  return (
    /^(?:sips?:([^@]*)@|tel:(.*))/i
      .exec(uri)
      ?.slice(1)
      .find((part) => part !== undefined) ?? ''
  );
}
