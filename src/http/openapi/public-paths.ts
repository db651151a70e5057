import type { OpenApiOperation, OpenApiParameter } from './types.ts';

const parameter = (name: string, place: 'path' | 'query', description: string): OpenApiParameter => ({
  ...{ name, in: place, required: place === 'path', description, schema: { type: 'string' } },
});

const KEY = parameter('key', 'query', 'X-PH-RetreaverKey of the INVITE; or Authorization: Bearer');
const REVENUE = parameter('revenue', 'query', 'a plain decimal like 10.00, at most 4 decimals');

const ANSWERS = {
  200: {
    description: 'It is on disk; `status` says what came of it.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['call_uuid', 'status'],
          properties: {
            call_uuid: { type: 'string' },
            status: {
              type: 'string',
              enum: ['converted', 'corrected', 'unchanged', 'recorded', 'duplicate', 'tagged', 'ignored'],
            },
            reason: { type: 'string' },
            revenue: { type: 'string', examples: ['10.00'] },
            payout: { type: 'string', examples: ['8.00'] },
          },
        },
      },
    },
  },
  default: { $ref: '#/components/responses/Problem' },
};

function postback(operationId: string, summary: string, parameters: readonly OpenApiParameter[]): OpenApiOperation {
  const description = 'GET, POST (query, form or JSON) and HEAD do the same. The key is all that is needed.';
  return { operationId, tags: ['Postbacks'], summary, description, security: [], parameters, responses: ANSWERS };
}

const UUID = parameter('uuid', 'path', 'X-PH-RetreaverUUID of the INVITE');
const TOKEN = parameter('token', 'path', "of the partner's own URL");
const CALL = [
  parameter('call_uuid', 'query', 'the call, with its key'),
  KEY,
  parameter('caller_number', 'query', 'or the newest answered call of this caller'),
];

/** What buyers and their systems use, without a token of the API. */
export const PUBLIC_PATHS: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>> = {
  '/calls/{uuid}/set_value': {
    get: postback('getSetValue', 'Reports a sale.', [UUID, KEY, REVENUE]),
    post: postback('postSetValue', 'Reports a sale.', [UUID, KEY, REVENUE]),
  },
  '/calls/{uuid}/add_tags': {
    get: postback('getAddTags', 'Attaches every other parameter as a tag.', [UUID, KEY]),
    post: postback('postAddTags', 'Attaches every other parameter as a tag.', [UUID, KEY]),
  },
  '/postbacks/{token}': {
    get: postback('getPostbackUrl', "Reports a sale by a partner's own URL.", [TOKEN, ...CALL, REVENUE]),
    post: postback('postPostbackUrl', "Reports a sale by a partner's own URL.", [TOKEN, ...CALL, REVENUE]),
  },
};
