/** What an operator should look at. */
export type RefusalCause =
  | 'unknown_carrier'
  | 'wrong_transport'
  | 'login_asked'
  | 'login_wrong'
  | 'too_many_failed_logins'
  | 'draining'
  | 'too_many_hops'
  | 'no_contact'
  | 'loop'
  | 'unknown_number'
  | 'too_many_calls'
  | 'calls_too_fast';

/** An INVITE we do not take, with the answer the carrier gets. */
export interface Refused {
  readonly kind: 'refused';
  readonly sipStatus: number;
  readonly reason: string;
  readonly cause: RefusalCause;
  readonly retryAfterSeconds?: number;
  /** Value of WWW-Authenticate. */
  readonly challenge?: string;
  /** Whose it was, where that was known. */
  readonly carrierId?: string;
}

export function refused(sipStatus: number, reason: string, cause: RefusalCause): Refused {
  return { kind: 'refused', sipStatus, reason, cause };
}
