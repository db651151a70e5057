export const MATCH_OPERATORS = ['==', '!=', '<', '<=', '>', '>=', '=~'] as const;
export type MatchOperator = (typeof MATCH_OPERATORS)[number];

/** One condition `name op value` on a call's tags (semantics §4). */
export interface TagMatch {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
}
