/** What the transactions saw since start; for the operator. */
export interface TransactionCounters {
  /** Sent again for want of an answer: packets get lost, or the peer is slow. */
  resentRequests: number;
  resentResponses: number;
  /** Received again: our answers get lost, or we are slow. */
  repeatedRequests: number;
  repeatedResponses: number;
  /** Responses to nothing we asked, or too late. */
  strayResponses: number;
  /** Requests of ours without a final response, and final responses without their ACK. */
  timeouts: number;
  /** New INVITEs refused for want of capacity. */
  turnedAway: number;
}

export const noTransactionsYet = (): TransactionCounters => ({
  resentRequests: 0,
  resentResponses: 0,
  repeatedRequests: 0,
  repeatedResponses: 0,
  strayResponses: 0,
  timeouts: 0,
  turnedAway: 0,
});
