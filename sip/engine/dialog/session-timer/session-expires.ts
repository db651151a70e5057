import type { Headers } from '../../message/headers.ts';

/** Who refreshes: the sender of the request, or of the response, in which it stands (RFC 4028 §4). */
export type Refresher = 'uac' | 'uas';

/** The Session-Expires header (RFC 4028 §4). */
export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: Refresher | undefined;
}

/** Undefined when there is none, or none that can be read. */
export function sessionExpiresOf(headers: Headers): SessionExpires | undefined {
  const words = /^(\d{1,9})\s*(?:;|$)/.exec(headers.get('Session-Expires') ?? '');
  if (words === null) return undefined;
  const refresher = /;\s*refresher\s*=\s*(uac|uas)\s*(?:;|$)/i.exec(headers.get('Session-Expires') ?? '')?.[1];
  return { seconds: Number(words[1]), refresher: refresher?.toLowerCase() as Refresher | undefined };
}

export const formatSessionExpires = (seconds: number, refresher: Refresher): string =>
  `${seconds};refresher=${refresher}`;

/** Min-SE: the least the peer accepts, 0 when it does not say (RFC 4028 §5). */
export const minSessionSecondsOf = (headers: Headers): number => Number.parseInt(headers.get('Min-SE') ?? '0', 10) || 0;
