import type { Headers } from '../../message/headers.ts';

/** Who refreshes: the sender of the request, or of the response, in which it stands (RFC 4028 §4). */
export type Refresher = 'uac' | 'uas';

/** The Session-Expires header (RFC 4028 §4). */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: Refresher | undefined;
}

/** Nobody may ask for less (RFC 4028 §5). */
export const MIN_SESSION_SECONDS = 90;

/** Undefined when there is none, or none that can be read. */
export function sessionExpiresOf(headers: Headers): SessionExpires | undefined {
  const words = /^(\d{1,9})\s*(?:;|$)/.exec(headers.get('Session-Expires') ?? '');
  if (words === null) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\s*(?:;|$)/i.exec(headers.get('Session-Expires') ?? '')?.[1];
  return { seconds: Number(words[1]), refresher: refresher?.toLowerCase() as Refresher | undefined };
}

export const formatSessionExpires = (seconds: number, refresher: Refresher): string =>
  `${seconds};refresher=${refresher}`;

/** Of a 422: the least the peer accepts (RFC 4028 §5). */
export function minSessionSecondsOf(headers: Headers): number {
  const seconds = Number.parseInt(headers.get('Min-SE') ?? '', 10);
  return Number.isNaN(seconds) ? MIN_SESSION_SECONDS : Math.max(seconds, MIN_SESSION_SECONDS);
}
