import { FIXED_TOKENS, type FixedToken, type TokenKind, type TokenSnapshot } from './webhook-tokens.ts';

/** The standard JSON body in the shape of Standard Webhooks: type, timestamp, data (semantics §8). Unknown values are null. */
export function standardBody(trigger: string, snapshot: TokenSnapshot): string {
  const entries = Object.entries(FIXED_TOKENS) as [FixedToken, TokenKind][];
  const data = Object.fromEntries(entries.map(([name, kind]) => [name, jsonValue(kind, snapshot.values[name] ?? '')]));
  return JSON.stringify({
    type: `call.${trigger}`,
    timestamp: snapshot.values.event_time ?? null,
    data: { ...data, currency: snapshot.currency, tags: snapshot.tags },
  });
}

function jsonValue(kind: TokenKind, text: string): string | number | boolean | null {
  if (text === '') return null;
  if (kind === 'number') return Number(text);
  return kind === 'flag' ? text === 'true' : text;
}
