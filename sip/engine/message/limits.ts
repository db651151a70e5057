/** Ceilings that keep one message from costing more than its sender paid; exceeding one is a ParseError 413 or 513. */
export const limits = {
  headerLines: 256,
  /** Characters of one header line after unfolding. */
  lineLength: 8_192,
  headBytes: 65_536,
  bodyBytes: 1_048_576,
} as const;
