import type { Account } from '../domain/account.ts';
import type { CallKeys } from '../domain/call-key.ts';
import { newUuid } from '../domain/ids.ts';
import { planRouting } from '../domain/routing.ts';
import { routingTags } from '../domain/routing-tags.ts';
import { type Logger, maskNumber } from '../log.ts';
import type { Operations } from '../operations.ts';
import type { Store } from '../store/store.ts';
import { AccountDirectory } from './account-directory.ts';
import { CarrierLimits } from './admission/carrier-limits.ts';
import { DigestLogins } from './admission/digest-logins.ts';
import { OwnCallIds } from './admission/own-call-ids.ts';
import type { Refused } from './admission/refused.ts';
import { type Admitted, admitInvite } from './admit-invite.ts';
import { CallRecord } from './call-record.ts';
import { CallSession } from './call-session.ts';
import { connectSip, type SipServerAddress } from './connection.ts';
import { sendFinal } from './final-status.ts';
import { LiveCalls } from './live-calls.ts';
import { RefusalLog } from './refusal-log.ts';
import type { InviteRequest, InviteResponse } from './srf.ts';

export interface TelephonyDeps {
  readonly server: SipServerAddress;
  readonly account: Account;
  readonly store: Store<Operations>;
  readonly callKeys: CallKeys;
  /** Secret of the installation: what carriers are challenged with is derived from it. */
  readonly secret: string;
  readonly nodeId: string;
  readonly now: () => number;
  readonly random: () => number;
  readonly log: Logger;
  readonly wakeDeliveries: () => void;
}

export interface Telephony {
  readonly liveCalls: LiveCalls;
  /** Later calls are judged and routed by this account; running ones go on as they began. */
  useAccount(account: Account): void;
  /** New INVITEs get 503 with Retry-After from now on; running calls go on. */
  drain(): void;
  disconnect(): void;
}

/** Connects to the SIP server and takes calls from now on. */
export async function startTelephony(deps: TelephonyDeps): Promise<Telephony> {
  const { log, now } = deps;
  let directory = new AccountDirectory(deps.account);
  const liveCalls = new LiveCalls();
  const refusals = new RefusalLog(log);
  let draining = false;
  const logins = new DigestLogins(deps.secret, now);
  const limits = new CarrierLimits((carrierId) => liveCalls.countOf(carrierId), now);
  const ownCallIds = new OwnCallIds();
  const sip = ownCallIds.watching(await connectSip(deps.server, log));

  sip.invite((req, res) => {
    const admission = admitInvite(req, { directory, draining, logins, limits, ownCallIds });
    if (admission.kind === 'refused') return refuse(admission, req, res, refusals);
    const uuid = newUuid(now());
    const callLog = log.child({ callId: uuid, sipCallId: req.get('call-id'), campaignId: admission.campaign.id });
    const record = new CallRecord(uuid, { ...deps, log: callLog });
    const session = new CallSession({ ...deps, sip }, admission, { req, res }, record, callLog);
    liveCalls.add(session, admission.carrier.id);
    logArrival(admission, callLog);
    const plan = planRouting(admission.campaign, directory.buyers, {
      now: now(),
      tags: routingTags(admission.tags, admission.campaign, admission.publisher),
      callerHistory: [],
      isReachable: () => true,
      random: deps.random,
    });
    for (const skipped of plan.skipped) callLog.debug(skipped, 'buyer skipped');
    void session.run(plan.candidates.flatMap(({ buyers }) => buyers));
  });
  sip.options((_req, res) => res.send(draining ? 503 : 200));

  return {
    liveCalls,
    useAccount: (account) => {
      directory = new AccountDirectory(account);
    },
    drain: () => {
      draining = true;
    },
    disconnect: () => {
      refusals.close();
      sip.disconnect();
    },
  };
}

function refuse(refused: Refused, req: InviteRequest, res: InviteResponse, refusals: RefusalLog): void {
  const { sipStatus, reason, retryAfterSeconds, challenge } = refused;
  refusals.note(refused, req);
  sendFinal(res, sipStatus, reason, {
    ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': `${retryAfterSeconds}` }),
    ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }),
  });
}

function logArrival({ carrier, number, publisher, caller }: Admitted, log: Logger): void {
  const callerNumber = maskNumber(caller.number);
  const fields = { carrierId: carrier.id, publisherId: publisher?.id, dialedNumber: number.number, callerNumber };
  log.info(fields, 'call arrived');
}
