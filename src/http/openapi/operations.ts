import { accountBody, ENTITY_KINDS } from '../account-bodies.ts';
import { dryRunBody } from '../dry-run-request.ts';
import { apiTokenBody } from '../routes/api-tokens.ts';
import { conversionTrialBody } from '../routes/conversion-trial.ts';
import { correctionBody, disputeBody } from '../routes/money.ts';
import { postbackTokenBody, tokenRotationBody } from '../routes/postback-tokens.ts';
import { replayBody, secretRotationBody, webhookTrialBody } from '../routes/webhooks.ts';
import { type ApiOperation, operation } from './operation.ts';

const PAGE = { limit: '1 to 500, 50 when left out', before: 'the "next" of the page before' };
const PERIOD = { from: 'a time like 2026-03-01T12:00:00Z, or a day', to: 'the same; not included' };
const CALL_FILTERS = {
  ...PERIOD,
  campaign_id: 'of this campaign',
  publisher_id: 'of this publisher',
  buyer_id: 'answered by this buyer',
  carrier_id: 'sent by this carrier',
  dialed_number: 'to this number, E.164',
  caller_number: 'from this number, E.164',
  status: 'open, pending, converted or not_converted',
  outcome: 'how they ended: completed, no_buyer …',
  tag: 'with this tag, like state:CA',
};

const CALLS: readonly ApiOperation[] = [
  operation(
    'GET /calls',
    'Calls',
    'calls:read',
    'Calls, newest first. A page looks through 2,000 at most: it may be short and have a next.',
    {
      query: { ...CALL_FILTERS, ...PAGE },
    },
  ),
  operation('GET /calls/export', 'Calls', 'calls:read', 'All calls that fit, streamed as a file.', {
    query: { ...CALL_FILTERS, format: 'csv or ndjson' },
    type: 'text/csv',
  }),
  operation(
    'GET /calls/{uuid}',
    'Calls',
    'calls:read',
    'A call with routing, attempts, tags, ledger, events, postbacks and deliveries.',
  ),
  operation(
    'GET /calls/{uuid}/sip-messages',
    'Calls',
    'sip:read',
    'What went over the wire, both legs, secrets masked; kept with SIP_MESSAGES_DAYS.',
  ),
  operation(
    'POST /calls/{uuid}/corrections',
    'Calls',
    'calls:write',
    'Corrects the money of a call by hand: one more row of its ledger.',
    {
      body: correctionBody,
      status: 201,
    },
  ),
  operation('POST /calls/{uuid}/disputes', 'Calls', 'calls:write', 'Notes a dispute in the ledger of a call.', {
    body: disputeBody,
    status: 201,
  }),
  operation('GET /live-calls', 'Calls', 'live-calls:read', 'Calls that are up in this process.'),
  operation('POST /live-calls/{uuid}/hang-up', 'Calls', 'calls:write', 'Ends a call: both legs get BYE.'),
  operation(
    'GET /campaigns/{id}/postbacks',
    'Postbacks',
    'postbacks:read',
    'What arrived for a campaign, newest first.',
    {
      query: { ...PAGE, converted: 'yes (moved money), no (arrived and converted nothing), or both when left out' },
    },
  ),
  operation(
    'GET /reports/{by}',
    'Reports',
    'reports:read',
    'Calls, connected, converted, revenue, payout and margin by campaign, publisher, buyer, number, day or hour.',
    {
      query: {
        ...PERIOD,
        zone: "IANA name of the time zone of days and hours; the account's when left out",
        campaign_id: 'only of this campaign',
        publisher_id: 'only of this publisher',
        buyer_id: 'only of this buyer',
      },
    },
  ),
];

const ROUTING: readonly ApiOperation[] = [
  operation(
    'POST /route',
    'Routing',
    'account:read',
    'Who would get a call, and why nobody else would. Nothing is dialled.',
    {
      body: dryRunBody,
      change: 'no',
    },
  ),
  operation(
    'POST /conversion-groups/test',
    'Routing',
    'account:read',
    'Which conversion group would decide a call, and for what money.',
    {
      body: conversionTrialBody,
      change: 'no',
    },
  ),
];

const PARTNERS: readonly ApiOperation[] = [
  operation('GET /postback-tokens', 'Postback URLs', 'secrets:read', 'Postback URLs of partners.'),
  operation(
    'POST /postback-tokens',
    'Postback URLs',
    'secrets:read',
    'A postback URL for a partner and a conversion group.',
    {
      body: postbackTokenBody,
      status: 201,
    },
  ),
  operation('GET /postback-tokens/{id}', 'Postback URLs', 'secrets:read', 'One of them.'),
  operation(
    'POST /postback-tokens/{id}/pause',
    'Postback URLs',
    'secrets:read',
    'Answered like a wrong key until it is resumed.',
  ),
  operation('POST /postback-tokens/{id}/resume', 'Postback URLs', 'secrets:read', 'Takes postbacks again.'),
  operation(
    'POST /postback-tokens/{id}/rotate',
    'Postback URLs',
    'secrets:read',
    'A new token; the old one is good for a while.',
    {
      body: tokenRotationBody,
    },
  ),
  operation(
    'GET /campaigns/{campaign}/conversion-groups/{group}/instructions',
    'Postback URLs',
    'account:read',
    'What a partner needs to post back, as JSON.',
    {
      query: { buyer: 'id of the buyer' },
    },
  ),
  operation(
    'GET /campaigns/{campaign}/conversion-groups/{group}/instructions.html',
    'Postback URLs',
    'account:read',
    'The same as a page.',
    {
      query: { buyer: 'id of the buyer' },
      type: 'text/html',
    },
  ),
];

const WEBHOOKS: readonly ApiOperation[] = [
  operation('GET /webhooks', 'Webhooks', 'webhooks:read', 'Each webhook and how it is doing.'),
  operation(
    'GET /webhooks/{id}/deliveries',
    'Webhooks',
    'webhooks:read',
    'Its deliveries with every try, newest first.',
    {
      query: { ...PAGE, state: 'due, delivered or dead' },
    },
  ),
  operation(
    'POST /webhooks/{id}/replay',
    'Webhooks',
    'webhooks:write',
    'Sends everything given up since a time once more.',
    {
      body: replayBody,
      status: 202,
    },
  ),
  operation('POST /webhooks/{id}/switch-on', 'Webhooks', 'webhooks:write', 'Delivers again after it was switched off.'),
  operation(
    'POST /webhooks/{id}/test',
    'Webhooks',
    'webhooks:write',
    'One request with the tokens of a call or a sample.',
    {
      body: webhookTrialBody,
    },
  ),
  operation('GET /webhooks/{id}/secret', 'Webhooks', 'secrets:read', 'What its receiver verifies signatures with.'),
  operation(
    'POST /webhooks/{id}/rotate-secret',
    'Webhooks',
    'secrets:read',
    'A new secret; requests are signed with both for a while.',
    {
      body: secretRotationBody,
    },
  ),
  operation('POST /deliveries/{id}/replay', 'Webhooks', 'webhooks:write', 'Sends one finished delivery once more.', {
    status: 202,
  }),
];

const ACCOUNT: readonly ApiOperation[] = [
  operation(
    'GET /account',
    'Account',
    'account:read',
    'The whole account as it was written, as JSON or (Accept: application/yaml) as an account file.',
    {
      versioned: true,
    },
  ),
  operation(
    'PUT /account',
    'Account',
    'account:write',
    'Replaces the whole account; with plan=yes only says what would change.',
    {
      body: accountBody,
      query: { plan: 'yes: nothing is changed' },
      change: 'by_itself',
      versioned: true,
    },
  ),
  ...Object.entries(ENTITY_KINDS).flatMap(([plural, { one, body }]) => [
    operation(`GET /${plural}`, 'Account', 'account:read', `Every ${one}, by id.`),
    operation(`POST /${plural}`, 'Account', 'account:write', `A new ${one}.`, {
      body,
      status: 201,
      change: 'by_itself',
      versioned: true,
    }),
    operation(`GET /${plural}/{id}`, 'Account', 'account:read', `One ${one}.`, { versioned: true }),
    operation(`PUT /${plural}/{id}`, 'Account', 'account:write', `Replaces a ${one}.`, {
      body,
      change: 'by_itself',
      versioned: true,
    }),
    operation(
      `DELETE /${plural}/{id}`,
      'Account',
      'account:write',
      `Removes a ${one}; calls that ran with it keep it.`,
      {
        change: 'by_itself',
        versioned: true,
      },
    ),
  ]),
];

const ACCESS: readonly ApiOperation[] = [
  operation('GET /api-tokens', 'Access', 'access:write', 'Who may use the API.'),
  operation('POST /api-tokens', 'Access', 'access:write', 'A token, shown once; only its hash is kept.', {
    body: apiTokenBody,
    status: 201,
  }),
  operation('DELETE /api-tokens/{id}', 'Access', 'access:write', 'Revokes a token.'),
  operation('GET /changes', 'Access', 'changes:read', 'Who changed what, newest first.', { query: PAGE }),
];

/** Everything below `/api/v1`. */
export const API_OPERATIONS: readonly ApiOperation[] = [
  ...CALLS,
  ...ROUTING,
  ...PARTNERS,
  ...WEBHOOKS,
  ...ACCOUNT,
  ...ACCESS,
];

const compiled = API_OPERATIONS.map((each) => ({ each, pattern: patternOf(each.path) }));

/** The operation of a request; `path` is that below `/api/v1`. What is fixed in a path goes before what changes. */
export function findOperation(method: string, path: string): ApiOperation | undefined {
  const found = compiled.filter(({ each, pattern }) => each.method === method && pattern.test(path));
  return found.sort((a, b) => changing(a.each.path) - changing(b.each.path))[0]?.each;
}

function patternOf(path: string): RegExp {
  const literal = path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${literal}/?$`, 'i');
}

const changing = (path: string): number => path.split('{').length;
