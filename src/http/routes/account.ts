import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { stringify } from 'yaml';
import { checkAccount } from '../../account/load-account.ts';
import type { applyAccount } from '../../calls/apply-account.ts';
import type { Clock } from '../../clock.ts';
import {
  type AccountDifference,
  type AccountDocument,
  accountDifferences,
  ENTITY_LISTS,
  type EntityList,
  idOfEntity,
  type WrittenEntity,
} from '../../domain/account-document.ts';
import { AppError } from '../../domain/errors.ts';
import { hasMask, MASK, withoutSecrets, withSecretsOf } from '../../domain/masked.ts';
import type { OwnAddress } from '../../domain/own-address.ts';
import type { readAccount } from '../../store/account-rows.ts';
import type { Store } from '../../store/store.ts';
import { principalOf } from '../access/authenticate.ts';
import { actorOf } from '../access/change-log.ts';
import { ENTITY_KINDS } from '../account-bodies.ts';
import { readPlainJson } from '../json-body.ts';
import { queryValue } from '../page-query.ts';
import { HttpProblem } from '../problem.ts';
import { sendJson } from '../send-json.ts';

export interface AccountRouteDeps {
  readonly store: Store<{ applyAccount: typeof applyAccount; readAccount: typeof readAccount }>;
  readonly clock: Clock;
  /** Where the account is kept; a file is changed in the file. */
  readonly accountSource?: 'file' | 'database' | undefined;
  /** Where nothing in an account may lead. */
  readonly own?: (() => OwnAddress | undefined) | undefined;
  /** Takes a change over; resolves when calls are routed by it. */
  readonly accountChanged?: (() => Promise<void>) | undefined;
}

interface Known {
  readonly revision: string;
  readonly document: AccountDocument;
}

/** `/account` whole, and its carriers, gateways, publishers, buyers, campaigns and numbers one by one. */
export function accountRoutes(deps: AccountRouteDeps): Router {
  const router = Router();
  router.get('/account', async (req, res) => {
    const { revision, document } = await known(deps);
    res.setHeader('etag', `"${revision}"`);
    const shown = shownTo(res, document);
    if (req.accepts(['application/json', 'application/yaml']) === 'application/yaml') {
      res.type('application/yaml').send(stringify(shown));
    } else sendJson(res, 200, shown);
  });
  router.put('/account', async (req, res) => {
    const before = await known(deps);
    const sent = await readPlainJson(req);
    checkObject(sent);
    const after = wholeWithSecrets(before.document, sent as AccountDocument);
    const isPlan = queryValue(req, 'plan') === 'yes';
    if (!isPlan) requireMatch(req, before.revision);
    const revision = isPlan ? checkedOnly(deps, after, before) : await apply(deps, req, res, before, after);
    const differences = accountDifferences(before.document, after);
    res.setHeader('etag', `"${revision}"`);
    sendJson(res, 200, { applied: !isPlan, differences: differences.map(differenceJson) });
  });
  for (const list of ENTITY_LISTS) entityRoutes(router, list, deps);
  return router;
}

function entityRoutes(router: Router, list: EntityList, deps: AccountRouteDeps): void {
  const { one } = ENTITY_KINDS[list];
  const find = (document: AccountDocument, id: string): WrittenEntity => {
    const found = (document[list] ?? []).find((each) => idOfEntity(list, each) === id);
    if (found === undefined) throw new HttpProblem('not_found', `There is no ${one} ${id}.`);
    return found;
  };
  const answer = (res: Response, status: number, entity: WrittenEntity) => {
    res.setHeader('etag', etagOf(entity));
    sendJson(res, status, shownTo(res, entity));
  };
  router.get(`/${list}`, async (_req, res) => {
    const { document } = await known(deps);
    sendJson(res, 200, { [list]: shownTo(res, document[list] ?? []) });
  });
  router.get(`/${list}/:id`, async (req, res) => {
    answer(res, 200, find((await known(deps)).document, req.params['id']));
  });
  router.post(`/${list}`, async (req, res) => {
    const before = await known(deps);
    const entity = withSecrets(undefined, await readEntity(req));
    const id = idOfEntity(list, entity);
    if ((before.document[list] ?? []).some((each) => idOfEntity(list, each) === id)) {
      throw new HttpProblem('already_there', `There is a ${one} ${id} already: change it with PUT.`);
    }
    await apply(deps, req, res, before, { ...before.document, [list]: [...(before.document[list] ?? []), entity] });
    res.setHeader('location', `/api/v1/${list}/${encodeURIComponent(id)}`);
    answer(res, 201, entity);
  });
  router.put(`/${list}/:id`, async (req, res) => {
    const before = await known(deps);
    const { id } = req.params;
    const old = find(before.document, id);
    requireMatch(req, unquoted(etagOf(old)));
    const sent = withSecrets(old, await readEntity(req));
    const entity = { [list === 'numbers' ? 'number' : 'id']: id, ...sent };
    if (idOfEntity(list, entity) !== id) {
      throw new HttpProblem('fields_invalid', `A ${one} keeps its id: add another one and remove ${id}.`);
    }
    const entities = (before.document[list] ?? []).map((each) => (each === old ? entity : each));
    await apply(deps, req, res, before, { ...before.document, [list]: entities });
    answer(res, 200, entity);
  });
  router.delete(`/${list}/:id`, async (req, res) => {
    const before = await known(deps);
    const old = find(before.document, req.params['id']);
    requireMatch(req, unquoted(etagOf(old)));
    const entities = (before.document[list] ?? []).filter((each) => each !== old);
    await apply(deps, req, res, before, { ...before.document, [list]: entities });
    answer(res, 200, old);
  });
}

async function known({ store }: AccountRouteDeps): Promise<Known> {
  const found = await store.readAccount({});
  if (found === undefined) throw new AppError('account_missing', 'there is no account yet');
  return found;
}

/** Checks the account as a whole, stores it if it is still what it was read as, and waits until calls are routed by it. */
async function apply(
  deps: AccountRouteDeps,
  req: Request,
  res: Response,
  before: Known,
  document: AccountDocument,
): Promise<string> {
  if (deps.accountSource !== 'database') {
    const remedy = 'change the file, or keep the account in the database (ACCOUNT_SOURCE=database)';
    throw new AppError('account_in_file', `the account is kept in a file: ${remedy}`);
  }
  const account = checked(deps, document);
  const input = { account, document, expectedRevision: before.revision, actor: actorOf(req, res) };
  const { revision } = await deps.store.applyAccount({ ...input, now: deps.clock.now() });
  await deps.accountChanged?.();
  return revision;
}

function checkedOnly(deps: AccountRouteDeps, document: AccountDocument, { revision }: Known): string {
  checked(deps, document);
  return revision;
}

function checked({ own }: AccountRouteDeps, document: AccountDocument) {
  try {
    return checkAccount(document, own?.());
  } catch (error) {
    throw new HttpProblem('fields_invalid', (error as Error).message);
  }
}

/** Throws HttpProblem where a mask stands for nothing known. */
function withSecrets(before: WrittenEntity | undefined, sent: WrittenEntity): WrittenEntity {
  const entity = withSecretsOf(before, sent) as WrittenEntity;
  if (!hasMask(entity)) return entity;
  throw new HttpProblem('fields_invalid', `A password is sent as ${MASK} that is not known: write it.`);
}

/** Lists that are none, or of other things, stay as they are, for the check to name them. */
function wholeWithSecrets(before: AccountDocument, sent: AccountDocument): AccountDocument {
  const isThing = (each: unknown) => typeof each === 'object' && each !== null;
  const isList = (list: EntityList) => Array.isArray(sent[list]) && sent[list].every(isThing);
  const lists = ENTITY_LISTS.filter(isList).map((list) => {
    const known = new Map((before[list] ?? []).map((each) => [idOfEntity(list, each), each]));
    return [list, sent[list]!.map((each) => withSecrets(known.get(idOfEntity(list, each)), each))] as const;
  });
  return { ...sent, ...Object.fromEntries(lists) };
}

async function readEntity(req: Request): Promise<WrittenEntity> {
  const body = await readPlainJson(req);
  checkObject(body);
  return body as WrittenEntity;
}

function checkObject(body: unknown): void {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return;
  throw new HttpProblem('body_invalid', 'The body must be a JSON object, as in an account file.');
}

/** What somebody overwrites must be what he has read (RFC 9110 §13.1.1); `*` overwrites whatever there is. */
function requireMatch(req: Request, current: string): void {
  const given = req.headers['if-match'];
  if (given === undefined) {
    throw new HttpProblem(
      'match_missing',
      'Send If-Match with the ETag of what you have read, or * to overwrite whatever is there.',
    );
  }
  const tags = given.split(',').map((tag) => unquoted(tag.trim()));
  if (tags.includes('*') || tags.includes(current)) return;
  throw new HttpProblem('match_failed', 'It was changed since you have read it: read it again.');
}

function unquoted(tag: string): string {
  return tag.replace(/^"|"$/g, '');
}

function etagOf(entity: WrittenEntity): string {
  return `"${createHash('sha256').update(JSON.stringify(entity)).digest('base64url').slice(0, 22)}"`;
}

/** Passwords are for those who may see secrets; others see that there is one. */
function shownTo(res: Response, value: unknown): unknown {
  return principalOf(res).scopes.has('secrets:read') ? value : withoutSecrets(value);
}

function differenceJson({ list, id, before, after }: AccountDifference) {
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  return { list, id, change, before: withoutSecrets(before) ?? null, after: withoutSecrets(after) ?? null };
}
