import type { Request, RequestHandler, Response } from 'express';
import type { noteChange, noteOutcome } from '../../access/changes.ts';
import type { Clock } from '../../clock.ts';
import { withoutSecrets } from '../../domain/masked.ts';
import type { Logger } from '../../log.ts';
import type { Actor } from '../../store/change-rows.ts';
import type { Store } from '../../store/store.ts';
import { readBody } from '../postback/request-body.ts';
import { sourceAddress } from '../source-address.ts';
import { principalOf } from './authenticate.ts';
import { operationOf } from './guard.ts';

export interface ChangeLogDeps {
  readonly store: Store<{ noteChange: typeof noteChange; noteOutcome: typeof noteOutcome }>;
  readonly clock: Clock;
  readonly log: Logger;
}

const LONGEST_DETAIL = 16_384;

/** Writes down what is about to be changed and by whom, on disk before it is done, and afterwards how it was answered. */
export function changeLog({ store, clock, log }: ChangeLogDeps): RequestHandler {
  return async (req, res, next) => {
    const operation = operationOf(req);
    if (operation === undefined || operation.change !== 'by_request') return next();
    const { id } = await store.noteChange({
      actor: actorOf(req, res),
      action: `${req.method} ${req.path}`,
      detail: detailOf((await readBody(req)).bytes),
      now: clock.now(),
    });
    res.once('close', () => {
      const noted = store.noteOutcome({ id, httpStatus: res.statusCode });
      noted.catch((err: unknown) => log.error({ err, changeId: id }, 'outcome of a change not noted'));
    });
    next();
  };
}

/** Who changes something, and from where. */
export function actorOf(req: Request, res: Response): Actor {
  return { name: principalOf(res).name, sourceAddress: sourceAddress(req) };
}

function detailOf(bytes: Buffer): unknown {
  if (bytes.length === 0) return {};
  if (bytes.length > LONGEST_DETAIL) return { bytes: bytes.length };
  try {
    return withoutSecrets(JSON.parse(bytes.toString('utf8')));
  } catch {
    return { unreadable: true };
  }
}
