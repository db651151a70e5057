/** What became of a call, as a value: here the reason is money (style §3.3). */
export interface CallOutcome {
  readonly result: 'completed' | 'no_answer' | 'busy' | 'rejected' | 'abandoned' | 'failed';
  readonly fault: 'none' | 'caller' | 'buyer' | 'carrier' | 'us';
  readonly reason: string;
}

/** How the call came to its end, beside any SIP status. */
export type CallEnding =
  | 'hangup'
  | 'canceled'
  | 'refused'
  | 'no_buyer'
  | 'max_duration'
  | 'session_expired'
  | 'peer_vanished'
  | 'node_restarted'
  | 'server_lost'
  | 'shutdown'
  | 'operator'
  | 'error';

/** The facts an outcome is told from. */
export interface EndedCall {
  readonly answered: boolean;
  readonly ending: CallEnding;
  /** Final status of the last attempt, for `refused`. */
  readonly sipStatus?: number | undefined;
  readonly hungUpBy: 'caller' | 'buyer' | 'system';
  /** Whose leg was found dead, after `session_expired` and `peer_vanished`. */
  readonly vanished?: 'caller' | 'buyer' | undefined;
}

/** Result, fault and reason of a call that is over (semantics §1, §7); unknown = our fault, so that our gaps show. */
export function callOutcome(call: EndedCall): CallOutcome {
  if (call.answered) return afterAnswer(call);
  if (call.ending === 'refused') return refusal(call.sipStatus);
  return BEFORE_ANSWER[call.ending];
}

/** No row of a table fits. */
const UNKNOWN: CallOutcome = { result: 'failed', fault: 'us', reason: 'unknown' };

/** Endings of a conversation other than somebody hanging up. */
const AFTER_ANSWER: Readonly<Partial<Record<CallEnding, CallOutcome>>> = {
  max_duration: { result: 'completed', fault: 'none', reason: 'max_duration' },
  session_expired: { result: 'completed', fault: 'none', reason: 'session_expired' },
  peer_vanished: { result: 'completed', fault: 'none', reason: 'peer_vanished' },
  node_restarted: { result: 'completed', fault: 'us', reason: 'node_restarted' },
  server_lost: { result: 'completed', fault: 'us', reason: 'server_lost' },
  shutdown: { result: 'completed', fault: 'us', reason: 'shutdown' },
  operator: { result: 'completed', fault: 'us', reason: 'operator' },
  error: { result: 'completed', fault: 'us', reason: 'error' },
};

/** Endings of a call that nobody took. */
const BEFORE_ANSWER: Readonly<Record<CallEnding, CallOutcome>> = {
  hangup: { result: 'abandoned', fault: 'caller', reason: 'caller_hung_up' },
  canceled: { result: 'abandoned', fault: 'caller', reason: 'caller_canceled' },
  refused: UNKNOWN,
  no_buyer: { result: 'failed', fault: 'none', reason: 'no_buyer' },
  max_duration: { result: 'no_answer', fault: 'buyer', reason: 'max_duration' },
  session_expired: { result: 'failed', fault: 'carrier', reason: 'session_expired' },
  peer_vanished: { result: 'failed', fault: 'carrier', reason: 'peer_vanished' },
  node_restarted: { result: 'failed', fault: 'us', reason: 'node_restarted' },
  server_lost: { result: 'failed', fault: 'us', reason: 'server_lost' },
  shutdown: { result: 'failed', fault: 'us', reason: 'shutdown' },
  operator: { result: 'failed', fault: 'us', reason: 'operator' },
  error: { result: 'failed', fault: 'us', reason: 'error' },
};

type Refusal = readonly [result: CallOutcome['result'], fault: CallOutcome['fault'], reason: string];

/** Final answers to an INVITE (RFC 3261 §21, RFC 8197, RFC 8688). */
const REFUSALS: Readonly<Record<number, Refusal>> = {
  401: ['failed', 'us', 'credentials_refused'],
  403: ['rejected', 'buyer', 'forbidden'],
  404: ['failed', 'us', 'destination_unknown'],
  407: ['failed', 'us', 'credentials_refused'],
  408: ['no_answer', 'buyer', 'timeout'],
  410: ['failed', 'us', 'destination_gone'],
  415: ['failed', 'buyer', 'media_refused'],
  480: ['no_answer', 'buyer', 'unavailable'],
  482: ['failed', 'us', 'loop'],
  483: ['failed', 'us', 'too_many_hops'],
  484: ['failed', 'us', 'destination_incomplete'],
  486: ['busy', 'buyer', 'busy'],
  487: ['no_answer', 'buyer', 'ring_timeout'],
  488: ['failed', 'buyer', 'media_refused'],
  500: ['failed', 'buyer', 'server_error'],
  502: ['failed', 'buyer', 'bad_gateway'],
  503: ['failed', 'buyer', 'service_unavailable'],
  504: ['failed', 'buyer', 'server_timeout'],
  600: ['busy', 'buyer', 'busy_everywhere'],
  603: ['rejected', 'buyer', 'declined'],
  604: ['failed', 'us', 'destination_unknown'],
  606: ['failed', 'buyer', 'media_refused'],
  607: ['rejected', 'buyer', 'unwanted'],
  608: ['rejected', 'carrier', 'blocked'],
};

function refusal(sipStatus: number | undefined): CallOutcome {
  const row = sipStatus === undefined ? undefined : REFUSALS[sipStatus];
  if (row === undefined) return UNKNOWN;
  const [result, fault, reason] = row;
  return { result, fault, reason };
}

/** `session_expired` and `peer_vanished` say whose: `buyer_session_expired`. */
function afterAnswer({ ending, hungUpBy, vanished }: EndedCall): CallOutcome {
  const special = AFTER_ANSWER[ending];
  if (special !== undefined && vanished !== undefined) {
    return { ...special, reason: `${vanished}_${special.reason.replace('peer_', '')}` };
  }
  if (special !== undefined) return special;
  return { result: 'completed', fault: 'none', reason: `${hungUpBy}_hung_up` };
}
