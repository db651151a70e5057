import type { Account } from '../domain/account.ts';
import type { Buyer } from '../domain/buyer.ts';
import type { CallKeys } from '../domain/call-key.ts';
import { newUuid } from '../domain/ids.ts';
import type { OwnAddress } from '../domain/own-address.ts';
import { type Logger, maskNumber } from '../log.ts';
import type { Operations } from '../operations.ts';
import type { Store } from '../store/store.ts';
import { AccountDirectory } from './account-directory.ts';
import { CarrierLimits } from './admission/carrier-limits.ts';
import { DigestLogins } from './admission/digest-logins.ts';
import { OwnCallIds } from './admission/own-call-ids.ts';
import type { Refused } from './admission/refused.ts';
import { type Admitted, admitInvite } from './admit-invite.ts';
import { answerOtherRequests } from './answer-other-requests.ts';
import { askOptions } from './ask-options.ts';
import { type AskForData, CallData } from './call-data.ts';
import { CallDialling } from './call-dialling.ts';
import type { CallMeter } from './call-meter.ts';
import { CallRecord } from './call-record.ts';
import { CallRouting } from './call-routing.ts';
import { CallSession } from './call-session.ts';
import { CallerLeg, type IncomingInvite } from './caller-leg.ts';
import { connectSip, type SipServerAddress } from './connection.ts';
import { DestinationHealth } from './destination-health.ts';
import { sendFinal } from './final-status.ts';
import { LiveCalls } from './live-calls.ts';
import { RefusalLog } from './refusal-log.ts';
import type { InviteRequest, InviteResponse, SipApplication } from './srf.ts';
import { watchingCallIds } from './watching-call-ids.ts';

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
  readonly askForData: AskForData;
  readonly meter: CallMeter;
  /** Where calls to us arrive, if we know: none is sent there. */
  readonly own: OwnAddress | undefined;
  /** Session timer of both legs (RFC 4028). */
  readonly sessionSeconds: number;
  /** How often a buyer without a session timer is asked whether it is still there. */
  readonly probeSeconds: number;
  /** Told which Call-IDs are a call's, where SIP messages are kept. */
  readonly sipMessages?: { belongs(sipCallId: string, callUuid: string): void } | undefined;
}

export interface Telephony {
  readonly liveCalls: LiveCalls;
  /** False while the SIP server is away: no call can come. */
  isConnected(): boolean;
  /** Later calls are judged and routed by this account; running ones go on as they began. */
  useAccount(account: Account): void;
  /** False while not one of the buyer's destinations answers its health checks. */
  isReachable(buyer: Buyer): boolean;
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
  let isConnected = false;
  const onChange = (connected: boolean) => {
    isConnected = connected;
    if (!connected) liveCalls.loseAll();
  };
  const sip = ownCallIds.watching(await connectSip(deps.server, log, onChange));
  const health = new DestinationHealth({ ask: (uri) => askOptions(sip, uri), random: deps.random, log });
  health.useAccount(deps.account);

  sip.invite((req, res) => {
    const admission = admitInvite(req, { directory, draining, logins, limits, ownCallIds });
    if (admission.kind === 'refused') {
      deps.meter.callRefused(admission.cause);
      return refuse(admission, req, res, refusals);
    }
    const session = takeCall({ deps, sip, directory, health }, admission, { req, res });
    liveCalls.add(session, admission.carrier.id);
    void session.run();
  });
  answerOtherRequests(sip, () => draining);

  return {
    liveCalls,
    isConnected: () => isConnected,
    useAccount: (account) => {
      directory = new AccountDirectory(account);
      health.useAccount(account);
    },
    isReachable: (buyer) => health.isReachable(buyer),
    drain: () => {
      draining = true;
    },
    disconnect: () => {
      refusals.close();
      health.close();
      sip.disconnect();
    },
  };
}

interface CallSurroundings {
  readonly deps: TelephonyDeps;
  readonly sip: SipApplication;
  readonly directory: AccountDirectory;
  readonly health: DestinationHealth;
}

/** Puts a call together; nothing is dialled before it runs. */
function takeCall(
  { deps, sip, directory, health }: CallSurroundings,
  call: Admitted,
  invite: IncomingInvite,
): CallSession {
  const { now, random, callKeys, sessionSeconds, probeSeconds } = deps;
  const { req } = invite;
  const uuid = newUuid(now());
  const log = deps.log.child({ callId: uuid, sipCallId: req.get('call-id'), campaignId: call.campaign.id });
  logArrival(call, log);
  const record = new CallRecord(uuid, { ...deps, log });
  const routing = new CallRouting(call, { directory, now, random, isReachable: (buyer) => health.isReachable(buyer) });
  const caller = new CallerLeg(sip, invite, { sessionSeconds, log });
  const data = new CallData({ call, uuid, ask: deps.askForData, routing, record, log });
  const { gateways } = directory;
  const { sipMessages } = deps;
  sipMessages?.belongs(req.get('call-id') ?? '', uuid);
  const watched = sipMessages && watchingCallIds(sip, (callId) => sipMessages.belongs(callId, uuid));
  const dialling = new CallDialling({
    sip: watched ?? sip,
    call,
    caller,
    record,
    routing,
    data,
    gateways,
    own: deps.own,
    health,
    callKeys,
    sessionSeconds,
    now,
    log,
  });
  const keyVersion = callKeys.currentVersion;
  const { meter } = deps;
  const parts = { call, invite: req, caller, routing, data, dialling, record, keyVersion, probeSeconds, now, log };
  return new CallSession({ ...parts, meter });
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
