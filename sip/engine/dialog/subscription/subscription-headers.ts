import type { Headers } from '../../message/headers.ts';
import { noParams, type Params, parseParams } from '../../message/params.ts';

/** For a SUBSCRIBE and a 2xx that both do not say; packages mostly have an hour (RFC 3856 §6.4). */
const DEFAULT_SECONDS = 3_600;

/** What a subscription is about: package and `id`, which together tell it from others in its dialog (RFC 6665 §4.4.1). */
export function eventOf(headers: Headers): string {
  const value = headers.get('Event') ?? '';
  const semicolon = value.indexOf(';');
  const name = (semicolon < 0 ? value : value.slice(0, semicolon)).trim();
  const id = readableParams(value, semicolon).get('id');
  return id === undefined ? name : `${name};id=${id}`;
}

/** How long a SUBSCRIBE keeps: what its 2xx says, else what it asked for, in seconds. */
export const grantedSeconds = (request: Headers, response: Headers): number =>
  secondsIn(response.get('Expires')) ?? secondsIn(request.get('Expires')) ?? DEFAULT_SECONDS;

/** What a NOTIFY says of the subscription (RFC 6665 §4.1.3, §8.2.3). */
export interface SubscriptionState {
  readonly isTerminated: boolean;
  /** Left from now on; undefined when it does not say. */
  readonly seconds: number | undefined;
}

export function subscriptionStateOf(headers: Headers): SubscriptionState {
  const value = headers.get('Subscription-State') ?? '';
  const semicolon = value.indexOf(';');
  const state = (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  return { isTerminated: state === 'terminated', seconds: secondsIn(readableParams(value, semicolon).get('expires')) };
}

/** None where quotes do not close: what to make of the rest is the application's to say. */
function readableParams(value: string, semicolon: number): Params {
  try {
    return parseParams(value, semicolon);
  } catch {
    return noParams;
  }
}

const secondsIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
