import type { Request, RequestHandler, Response } from 'express';
import type { applyTokenPostback } from '../../calls/apply-token-postback.ts';
import type { logStray } from '../../calls/log-stray.ts';
import type { Clock } from '../../clock.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import { e164FromUser } from '../../domain/phone-number.ts';
import type { PostbackToken, PostbackTokens } from '../../domain/postback-token.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import type { PostbackLimits } from '../postback/postback-limits.ts';
import { splitTarget } from '../postback/postback-path.ts';
import { type PostbackRequest, readPostback } from '../postback/postback-request.ts';
import { isPrefetch, keyRefused, methodNotAllowed, POSTBACK_METHODS, refusal } from '../postback/refusals.ts';
import { HttpProblem, sendProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';
import { sourceAddress } from '../source-address.ts';

export interface TokenPostbackDeps {
  readonly store: Store<{ applyTokenPostback: typeof applyTokenPostback; logStray: typeof logStray }>;
  readonly callKeys: Pick<CallKeys, 'verify'>;
  readonly postbackTokens: PostbackTokens;
  readonly limits: PostbackLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly wakeDeliveries: () => void;
}

const PATH = /^\/postbacks\/([^/]*?)(?:\.json)?\/?$/;

/** Say which call it is: not part of what is posted, so no trigger is found in them. */
const NAMES = ['call_uuid', 'caller_number'];

/** A partner's own postback URL, `/postbacks/{token}`: `set_value` for a call told by uuid and key, or by its caller (semantics §5). */
export function tokenPostbackRoutes(deps: TokenPostbackDeps): RequestHandler {
  return async (req, res, next) => {
    const { path, query } = splitTarget(req.url);
    const [, token] = PATH.exec(path) ?? [];
    if (token === undefined) return next();
    try {
      await handle(deps, req, res, { token, query });
    } catch (err) {
      if (sendProblem(res, err)) deps.log.error({ err }, 'postback failed');
    }
  };
}

async function handle(deps: TokenPostbackDeps, req: Request, res: Response, asked: { token: string; query: string }) {
  if (!POSTBACK_METHODS.includes(req.method)) throw methodNotAllowed(POSTBACK_METHODS);
  const address = sourceAddress(req);
  deps.limits.admit(address, deps.clock.now());
  const token = deps.postbackTokens.read(asked.token);
  if (token === undefined) throw refuseKey(deps, address, undefined, 'wrong token');
  const stray = { token, method: req.method, sourceAddress: address, now: deps.clock.now() };
  const unreadable = async (problem: unknown): Promise<never> => {
    if (problem instanceof HttpProblem) {
      const { status: httpStatus, message: reason } = problem;
      await deps.store.logStray({ ...stray, parameters: [], httpStatus, reason });
    }
    throw problem;
  };
  const request = await readPostback(req, asked.query, { isKeyOptional: true }).catch(unreadable);
  const call = await whichCall(deps, address, request).catch(unreadable);
  if (isPrefetch(req)) {
    await deps.store.logStray({ ...stray, parameters: request.parameters, httpStatus: 200, reason: 'prefetch' });
    return sendJson(res, 200, { status: 'ignored', reason: 'prefetch' });
  }
  const answer = await deps.store.applyTokenPostback({
    ...inputOf(req, request, token),
    ...call,
    now: deps.clock.now(),
  });
  if (answer.enqueued > 0) deps.wakeDeliveries();
  if (answer.httpStatus === 403) throw refuseKey(deps, address, call.uuid, answer.body.reason ?? '');
  if (answer.httpStatus !== 200) throw refusal(answer);
  sendJson(res, 200, answer.body);
}

/** uuid and key win over the caller's number. */
async function whichCall(deps: TokenPostbackDeps, address: string, request: PostbackRequest) {
  const [uuidText, callerText] = NAMES.map((name) => request.parameters.find((each) => each[0] === name)?.[1].trim());
  if (uuidText) {
    if (request.key === '')
      throw new HttpProblem('key_missing', 'Send the call key with call_uuid, as parameter "key".');
    const uuid = parseUuid(uuidText);
    const keyVersion = uuid === undefined ? undefined : deps.callKeys.verify(uuid, request.key);
    if (uuid === undefined || keyVersion === undefined)
      throw refuseKey(deps, address, uuid, 'wrong key or unknown call');
    return { uuid, keyVersion };
  }
  const callerNumber = e164FromUser(callerText ?? '');
  if (callerNumber !== undefined) return { callerNumber };
  throw new HttpProblem('postback_refused', 'Say which call: call_uuid and key, or caller_number like +14155550123.');
}

function inputOf(req: Request, { parameters, rawText }: PostbackRequest, token: PostbackToken) {
  const isPosted = (name: string) => !NAMES.includes(name);
  return {
    token,
    method: req.method,
    sourceAddress: sourceAddress(req),
    parameters: parameters.filter(([name]) => isPosted(name)),
    rawText: rawText
      .split('&')
      .filter((_, index) => isPosted(parameters[index]?.[0] ?? ''))
      .join('&'),
  };
}

/** Counted like a wrong key of a call; the owner's log alone tells what was wrong. */
function refuseKey(deps: TokenPostbackDeps, address: string, uuid: string | undefined, reason: string): HttpProblem {
  deps.limits.countFailure(address, uuid, deps.clock.now());
  deps.log.warn({ callId: uuid, peer: address, reason }, 'postback by URL refused');
  return keyRefused();
}
