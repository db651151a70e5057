const CALL_ID = /^(?:call-id|i)[ \t]*:[ \t]*(\S+)/im;

/** The Call-ID of a message as text (RFC 3261 §20.8), undefined if it has none. */
export function callIdOf(message: string): string | undefined {
  return CALL_ID.exec(message)?.[1];
}
