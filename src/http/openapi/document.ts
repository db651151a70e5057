import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { HTTP_PROBLEMS } from '../problem.ts';
import type { ApiOperation } from './operation.ts';
import { API_OPERATIONS } from './operations.ts';
import { PUBLIC_PATHS } from './public-paths.ts';
import type { JsonSchema, OpenApiDocument, OpenApiOperation, OpenApiParameter } from './types.ts';

const DESCRIPTION = `Everything an operator, a publisher or a program may ask. Errors are problem details (RFC 9457) with a stable \`code\`. A token has a role and \
scopes; each operation names the scope it wants. Everything that changes something is in the log of changes. A POST with \`Idempotency-Key\` is carried out once in 24 hours.`;

/** Text where numbers are taken as they are written, so that 10.00 stays that. */
const WRITTEN_NUMBER = /^\^\\d/;

let built: OpenApiDocument | undefined;

/** The API as OpenAPI 3.1, from the table that guards it and the schemas that check it. */
export function openApiDocument(): OpenApiDocument {
  built ??= build();
  return built;
}

function build(): OpenApiDocument {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  const paths: Record<string, Record<string, OpenApiOperation>> = structuredClone(PUBLIC_PATHS);
  for (const each of API_OPERATIONS) {
    const path = `/api/v1${each.path}`;
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: described(each) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'sip-postback-bridge', version, description: DESCRIPTION },
    tags: [...new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags }) => tags)))].map(
      (name) => ({ name }),
    ),
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'OPERATOR_TOKEN or an API token' } },
      schemas: { Problem: PROBLEM },
      responses: {
        Problem: {
          description: 'What is wrong, and what to do.',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

const PROBLEM: JsonSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', examples: Object.keys(HTTP_PROBLEMS).slice(0, 5) },
    detail: { type: 'string' },
  },
};

/** What zod checks, as JSON Schema of what is sent. */
export function schemaOf(body: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(body, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.type === 'string' && WRITTEN_NUMBER.test(jsonSchema.pattern ?? '')) {
        Object.assign(jsonSchema, { type: ['string', 'number'] });
      }
    },
  });
  return schema;
}

function described(each: ApiOperation): OpenApiOperation {
  const { body, scope, status, change } = each;
  return {
    operationId: `${each.method.toLowerCase()}${each.path.replaceAll(/[^a-zA-Z]+(\w)?/g, (_, first: string = '') => first.toUpperCase())}`,
    tags: [each.group],
    summary: each.summary,
    description: `Wants the scope \`${scope}\`.${change === 'no' ? '' : ' Written to the log of changes.'}`,
    security: [{ token: [] }],
    parameters: [...pathParameters(each), ...queryParameters(each), ...headerParameters(each)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } } }),
    responses: { [status]: answered(each), default: { $ref: '#/components/responses/Problem' } },
  };
}

/** One thing of the account is answered as it was sent; the other answers have their fields in docs/http-api.md. */
function answered({ type, body, group, method, path }: ApiOperation): object {
  const isEntity = group === 'Account' && body !== undefined && path !== '/account' && method !== 'DELETE';
  const schema = type !== undefined ? { type: 'string' } : isEntity ? schemaOf(body) : { type: 'object' };
  return { description: 'Done.', content: { [type ?? 'application/json']: { schema } } };
}

function pathParameters({ path }: ApiOperation): OpenApiParameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: name === 'by' ? 'campaign, publisher, buyer, number, day or hour' : `its ${name}`,
    schema: { type: 'string' },
  }));
}

function queryParameters({ query = {} }: ApiOperation): OpenApiParameter[] {
  return Object.entries(query).map(([name, description]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: { type: 'string' },
  }));
}

function headerParameters({ method, versioned }: ApiOperation): OpenApiParameter[] {
  const header = (name: string, required: boolean, description: string): OpenApiParameter => ({
    ...{ name, in: 'header', required, description, schema: { type: 'string' } },
  });
  if (method === 'POST') {
    return [header('Idempotency-Key', false, 'carried out once in 24 hours; sent again, it gets the same answer')];
  }
  if (versioned && method !== 'GET') return [header('If-Match', true, 'the ETag of what you have read, or *')];
  return [];
}
