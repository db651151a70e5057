import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { Buyer } from '../domain/buyer.ts';
import type { SipLogin } from '../domain/carrier.ts';
import type { CallerId, Destination, Gateway, NumberDestination, SipDestination } from '../domain/destination.ts';
import { type DialTokens, fillHeader, fillUri, hasControlCharacter } from '../domain/dial-template.ts';
import { leadsToUs, type OwnAddress } from '../domain/own-address.ts';
import type { SkipReason } from '../domain/routing.ts';
import type { TagValues } from '../domain/tag-match.ts';
import type { Admitted } from './admit-invite.ts';
import { ANONYMOUS_FROM, type Caller } from './caller-identity.ts';
import type { Dial } from './dialling.ts';
import { inDialogLogin } from './in-dialog-login.ts';

/** What of a call goes into the INVITE to a destination. */
export interface DialContext {
  readonly call: Admitted;
  readonly uuid: string;
  /** Only asked for when it is to be sent; absent where nobody may be told it. */
  readonly callKey: (() => string) | undefined;
  readonly tags: TagValues;
  readonly gateways: ReadonlyMap<string, Gateway>;
  /** Where calls to us arrive, if we know. */
  readonly own: OwnAddress | undefined;
}

export type PreparedDial =
  | { readonly kind: 'dial'; readonly dial: Dial }
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly detail: string };

/** URI, headers and login for a destination, or why it is not dialled. `buyer` is absent for the last resort. */
export function prepareDial(destination: Destination, buyer: Buyer | undefined, context: DialContext): PreparedDial {
  if (destination.kind === 'sip') return toAddress(destination, buyer, context);
  const gateway = context.gateways.get(destination.gatewayId);
  if (gateway === undefined) {
    return { kind: 'skip', reason: 'unhealthy', detail: `there is no gateway ${destination.gatewayId}` };
  }
  return throughGateway(destination, gateway, buyer, context);
}

/** uuid and key go to a buyer's own SIP address, nowhere else (semantics §2). */
function toAddress(destination: SipDestination, buyer: Buyer | undefined, context: DialContext): PreparedDial {
  const tokens = tokensOf(context, buyer);
  const uri = fillUri(destination.uri, tokens);
  const { uuid, callKey } = context;
  const isTold = buyer !== undefined && callKey !== undefined;
  const ours = isTold ? { 'X-PH-RetreaverUUID': uuid, 'X-PH-RetreaverKey': callKey() } : {};
  if (context.own !== undefined && leadsToUs(uri, context.own)) {
    return { kind: 'skip', reason: 'loop', detail: `${uri} is this bridge itself` };
  }
  const caller = callerHeaders(context.call.caller, buyer?.callerId ?? PASS);
  return prepared(
    { uri, shown: uri, login: destination.login, more: destination.headers, headers: { ...caller, ...ours } },
    tokens,
  );
}

function throughGateway(
  { number }: NumberDestination,
  gateway: Gateway,
  buyer: Buyer | undefined,
  context: DialContext,
): PreparedDial {
  const { caller } = context.call;
  const replaced = gateway.callerId.kind === 'replace' ? gateway.callerId : (buyer?.callerId ?? PASS);
  const headers = { ...callerHeaders(caller, replaced), ...(gateway.trusted ? assertedHeaders(caller, replaced) : {}) };
  const uri = gateway.uri.replace(/^(sips?:)/i, `$1${dialled(number, gateway.numberFormat)}@`);
  return prepared(
    { uri, shown: number, login: gateway.login, more: gateway.headers, headers },
    tokensOf(context, buyer),
  );
}

const PASS: CallerId = { kind: 'pass' };

interface Parts {
  readonly uri: string;
  readonly shown: string;
  readonly login: SipLogin | undefined;
  /** Of the configuration, with tokens. */
  readonly more: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** A value with a line break would be a header of somebody else's making: then the call does not go there. */
function prepared({ uri, shown, login, more, headers }: Parts, tokens: DialTokens): PreparedDial {
  const filled: Record<string, string> = {};
  for (const [name, template] of Object.entries(more)) {
    const value = fillHeader(template, tokens);
    if (hasControlCharacter(value)) {
      const detail = `the header ${name} would hold a line break or control character`;
      return { kind: 'skip', reason: 'unsafe_value', detail };
    }
    if (value !== '') filled[name] = value;
  }
  const auth = login === undefined ? {} : { auth: inDialogLogin(login) };
  return { kind: 'dial', dial: { uri, shown, headers: { ...filled, ...headers }, ...auth } };
}

/** A replaced caller id is ours to show; Identity vouches for the caller's own only (RFC 8224 §4.1). */
function callerHeaders(caller: Caller, callerId: CallerId): Record<string, string> {
  if (callerId.kind === 'replace') return { From: `<sip:${callerId.number}@localhost>` };
  if (caller.isPrivate) return { From: ANONYMOUS_FROM };
  return { From: caller.from, ...(caller.identity === undefined ? {} : { Identity: caller.identity }) };
}

/** A trusted network is told the number also of those who hide it, and that they do (RFC 3325 §5, §9.3). */
function assertedHeaders(caller: Caller, callerId: CallerId): Record<string, string> {
  const number = callerId.kind === 'replace' ? callerId.number : (caller.number ?? caller.hiddenNumber);
  if (number === undefined) return {};
  const isHidden = callerId.kind === 'pass' && caller.isPrivate;
  return { 'P-Asserted-Identity': `<sip:${number}@localhost>`, ...(isHidden ? { Privacy: 'id' } : {}) };
}

function dialled(number: string, format: Gateway['numberFormat']): string {
  if (format === 'e164_plus') return number;
  if (format === 'e164') return number.slice(1);
  return parsePhoneNumberFromString(number)?.nationalNumber ?? number.slice(1);
}

function tokensOf({ call, uuid, tags }: DialContext, buyer: Buyer | undefined): DialTokens {
  const { caller, number, campaign, publisher } = call;
  const fixed = {
    call_uuid: uuid,
    caller_number: caller.number ?? 'anonymous',
    dialed_number: number.number,
    campaign_id: campaign.id,
    campaign_name: campaign.name,
    publisher_id: publisher?.id ?? '',
    publisher_name: publisher?.name ?? '',
    buyer_id: buyer?.id ?? '',
    buyer_name: buyer?.name ?? '',
  };
  return { fixed, tags };
}
