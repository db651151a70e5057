import type { Headers } from '../message/headers.ts';
import { tagOf } from '../message/name-addr.ts';

/**
 * The application's name for a dialog: Call-ID and From tag of the request that created it, whoever sent that.
 * drachtio-srf builds the same text itself to look dialogs up.
 */
export const dialogIdOf = (callId: string, fromTag: string): string => `${callId};from-tag=${fromTag}`;

export const callIdOf = (headers: Headers): string => headers.get('Call-ID') ?? '';

/** Empty when there is none, as RFC 2543 peers leave it (RFC 3261 §12.1.1). */
export const fromTagOf = (headers: Headers): string => tagOf(headers.get('From') ?? '') ?? '';

export const toTagOf = (headers: Headers): string | undefined => tagOf(headers.get('To') ?? '');
