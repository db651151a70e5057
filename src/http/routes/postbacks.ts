import type { Request, RequestHandler, Response } from 'express';
import type { addTags } from '../../calls/add-tags.ts';
import type { applyPostback } from '../../calls/apply-postback.ts';
import type { LogUnappliedInput, logUnapplied } from '../../calls/log-unapplied.ts';
import type { PostbackAnswer } from '../../calls/postback-answer.ts';
import type { Clock } from '../../clock.ts';
import type { CallKeys } from '../../domain/call-key.ts';
import { parseUuid } from '../../domain/ids.ts';
import type { Logger } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import type { PostbackLimits } from '../postback/postback-limits.ts';
import { type PostbackPath, parsePostbackPath, splitTarget } from '../postback/postback-path.ts';
import { type PostbackRequest, presentedKeys, readPostback } from '../postback/postback-request.ts';
import { isPrefetch, keyRefused, methodNotAllowed, POSTBACK_METHODS, refusal } from '../postback/refusals.ts';
import { HttpProblem, sendProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';
import { sourceAddress } from '../source-address.ts';

export interface PostbackDeps {
  readonly store: Store<{
    applyPostback: typeof applyPostback;
    addTags: typeof addTags;
    logUnapplied: typeof logUnapplied;
  }>;
  readonly callKeys: Pick<CallKeys, 'verify'>;
  readonly limits: PostbackLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when deliveries were put into the outbox. */
  readonly wakeDeliveries: () => void;
}

/** Stands in for a malformed uuid, so that refusing it takes as long as any other. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** `set_value` and `add_tags` (semantics §3). Answers 200 only after the change is durable. */
export function postbackRoutes(deps: PostbackDeps): RequestHandler {
  return async (req, res, next) => {
    const { path, query } = splitTarget(req.url);
    const postback = parsePostbackPath(path);
    if (postback === undefined) return next();
    try {
      await handle(deps, req, res, postback, query);
    } catch (err) {
      const isOurs = sendProblem(res, err);
      if (isOurs) deps.log.error({ err, callId: parseUuid(postback.uuid) }, 'postback failed');
    }
  };
}

async function handle(deps: PostbackDeps, req: Request, res: Response, path: PostbackPath, query: string) {
  if (!POSTBACK_METHODS.includes(req.method)) throw methodNotAllowed(POSTBACK_METHODS);
  const address = sourceAddress(req);
  deps.limits.admit(address, deps.clock.now());
  const postback = await readPostback(req, query).catch((problem: unknown) =>
    logUnreadable(deps, req, path, query, problem),
  );
  const uuid = authenticate(deps, path, postback.key, address);
  if (isPrefetch(req)) {
    const answer = { status: 'ignored', reason: 'prefetch' } as const;
    await deps.store.logUnapplied({ ...requestOf(deps, req, path, uuid), ...answer, httpStatus: 200 });
    return sendJson(res, 200, { call_uuid: uuid, ...answer });
  }
  const answer = await apply(deps, path, { ...postback, uuid, method: req.method, sourceAddress: address });
  if (answer.enqueued > 0) deps.wakeDeliveries();
  if (answer.httpStatus !== 200) throw refusal(answer);
  sendJson(res, 200, answer.body);
}

/** A request with the right key is in the log even if it cannot be read (semantics §3). Throws the problem. */
async function logUnreadable(
  deps: PostbackDeps,
  req: Request,
  path: PostbackPath,
  query: string,
  problem: unknown,
): Promise<never> {
  const uuid = parseUuid(path.uuid);
  const isOwner =
    uuid !== undefined && presentedKeys(req, query).some((key) => deps.callKeys.verify(uuid, key) !== undefined);
  if (problem instanceof HttpProblem && isOwner) {
    const { status: httpStatus, message: reason } = problem;
    await deps.store.logUnapplied({ ...requestOf(deps, req, path, uuid), status: 'refused', httpStatus, reason });
  }
  throw problem;
}

function requestOf(
  deps: PostbackDeps,
  req: Request,
  { kind }: PostbackPath,
  uuid: string,
): Pick<LogUnappliedInput, 'uuid' | 'kind' | 'method' | 'sourceAddress' | 'parameters' | 'now'> {
  return { uuid, kind, method: req.method, sourceAddress: sourceAddress(req), parameters: [], now: deps.clock.now() };
}

/** The uuid, if the key is its own. The database is not asked; the owner's log alone tells what was wrong. */
function authenticate(deps: PostbackDeps, path: PostbackPath, key: string, address: string): string {
  const uuid = parseUuid(path.uuid);
  const version = deps.callKeys.verify(uuid ?? NO_UUID, key);
  if (uuid !== undefined && version !== undefined) return uuid;
  deps.limits.countFailure(address, uuid, deps.clock.now());
  const reason = uuid === undefined ? 'malformed uuid' : 'wrong key or unknown call';
  deps.log.warn({ callId: path.uuid.slice(0, 64), peer: address, reason }, 'postback refused');
  throw keyRefused();
}

type Authenticated = PostbackRequest & { uuid: string; method: string; sourceAddress: string };

function apply(deps: PostbackDeps, path: PostbackPath, postback: Authenticated): Promise<PostbackAnswer> {
  const { uuid, method, sourceAddress: source, parameters, rawText } = postback;
  const input = { uuid, method, sourceAddress: source, parameters, now: deps.clock.now() };
  return path.kind === 'add_tags' ? deps.store.addTags(input) : deps.store.applyPostback({ ...input, rawText });
}
