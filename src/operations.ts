import { createApiToken, findPrincipal, listApiTokens, revokeApiToken } from './access/api-tokens.ts';
import { listChanges, noteChange, noteOutcome } from './access/changes.ts';
import { keepAnswer, takeIdempotencyKey } from './access/kept-answers.ts';
import { addAnswerTags } from './calls/add-answer-tags.ts';
import { addTags } from './calls/add-tags.ts';
import { addUpCalls } from './calls/add-up-calls.ts';
import { applyAccount } from './calls/apply-account.ts';
import { applyPostback } from './calls/apply-postback.ts';
import { applyTokenPostback } from './calls/apply-token-postback.ts';
import { beginAttempt } from './calls/begin-attempt.ts';
import { beginCall } from './calls/begin-call.ts';
import { buyerLoads } from './calls/buyer-loads.ts';
import { closeAbandonedCalls } from './calls/close-abandoned-calls.ts';
import { correctByHand } from './calls/correct-by-hand.ts';
import { countWaiting } from './calls/count-waiting.ts';
import { endAttempt } from './calls/end-attempt.ts';
import { endCall } from './calls/end-call.ts';
import { endForgottenCalls } from './calls/end-forgotten-calls.ts';
import { expireWindows } from './calls/expire-windows.ts';
import { getCall } from './calls/get-call.ts';
import { getCalls } from './calls/get-calls.ts';
import { heartbeat } from './calls/heartbeat.ts';
import { listPostbacks } from './calls/list-postbacks.ts';
import { logStray } from './calls/log-stray.ts';
import { logUnapplied } from './calls/log-unapplied.ts';
import { noteAnswer } from './calls/note-answer.ts';
import { noteDispute } from './calls/note-dispute.ts';
import {
  changePostbackToken,
  createPostbackToken,
  getPostbackToken,
  listPostbackTokens,
} from './calls/postback-tokens.ts';
import { purgeCalls } from './calls/purge-calls.ts';
import { recordAnswer } from './calls/record-answer.ts';
import { recordRouting } from './calls/record-routing.ts';
import { beginTransfer, endTransfer } from './calls/record-transfer.ts';
import { releaseBuyers } from './calls/release-buyers.ts';
import { releaseForgottenLines } from './calls/release-forgotten-lines.ts';
import { requestData } from './calls/request-data.ts';
import { reserveBuyers } from './calls/reserve-buyers.ts';
import { routingFacts } from './calls/routing-facts.ts';
import { searchCalls } from './calls/search-calls.ts';
import { keepSipMessages, listSipMessages, purgeSipMessages } from './calls/sip-messages.ts';
import { readAccount } from './store/account-rows.ts';
import { claimDeliveries } from './webhooks/claim-deliveries.ts';
import { freeLeases } from './webhooks/free-leases.ts';
import { listDeliveries } from './webhooks/list-deliveries.ts';
import { nextDueDelivery } from './webhooks/next-due.ts';
import { recordTry } from './webhooks/record-try.ts';
import { replayDelivery } from './webhooks/replay-delivery.ts';
import { replayFailed } from './webhooks/replay-failed.ts';
import { listWebhookStates, rotateWebhookSecret, switchOnWebhook } from './webhooks/webhook-states.ts';

/** Everything the store can be asked to do; the store's thread loads this file by its URL. */
export const operations = {
  addAnswerTags,
  addTags,
  addUpCalls,
  applyAccount,
  applyPostback,
  applyTokenPostback,
  logStray,
  beginAttempt,
  beginCall,
  beginTransfer,
  buyerLoads,
  claimDeliveries,
  closeAbandonedCalls,
  correctByHand,
  countWaiting,
  createApiToken,
  endAttempt,
  endCall,
  endForgottenCalls,
  endTransfer,
  expireWindows,
  findPrincipal,
  freeLeases,
  getCall,
  getCalls,
  heartbeat,
  changePostbackToken,
  createPostbackToken,
  getPostbackToken,
  keepAnswer,
  keepSipMessages,
  listApiTokens,
  listChanges,
  listDeliveries,
  listPostbackTokens,
  listPostbacks,
  listSipMessages,
  listWebhookStates,
  logUnapplied,
  nextDueDelivery,
  noteAnswer,
  noteChange,
  noteDispute,
  noteOutcome,
  purgeCalls,
  purgeSipMessages,
  readAccount,
  recordAnswer,
  recordRouting,
  recordTry,
  releaseBuyers,
  releaseForgottenLines,
  requestData,
  replayDelivery,
  replayFailed,
  reserveBuyers,
  revokeApiToken,
  rotateWebhookSecret,
  searchCalls,
  routingFacts,
  switchOnWebhook,
  takeIdempotencyKey,
};

export type Operations = typeof operations;

/** A caller waits for these, or a line is kept busy by them: they go ahead of all others. */
export const urgent: readonly (keyof Operations)[] = [
  'addAnswerTags',
  'beginAttempt',
  'beginCall',
  'beginTransfer',
  'endAttempt',
  'endCall',
  'endTransfer',
  'noteAnswer',
  'recordAnswer',
  'recordRouting',
  'releaseBuyers',
  'requestData',
  'reserveBuyers',
];

/** They only read, and may read much: they have a thread of their own, in which they see what has been committed. */
export const reading: readonly (keyof Operations)[] = [
  'addUpCalls',
  'countWaiting',
  'listDeliveries',
  'listPostbacks',
  'searchCalls',
];

/**
 * Nobody waits for these but a program that can, and anybody may send many: they are held back while calls come in. Windows
 * that are over are among them so that they do not overtake a postback which came in time.
 */
export const patient: readonly (keyof Operations)[] = [
  'addTags',
  'applyPostback',
  'applyTokenPostback',
  'expireWindows',
  'logStray',
  'logUnapplied',
];
