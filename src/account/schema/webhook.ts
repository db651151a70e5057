import { z } from 'zod';
import { WEBHOOK_TRIGGERS } from '../../domain/account.ts';
import { DATA_TRIGGERS } from '../../domain/answer-tags.ts';
import { readCallTags } from '../../domain/call-tag.ts';
import { validateWebhookTemplate } from '../../domain/webhook-template.ts';
import { id, matches } from './basics.ts';

/** Names and list positions joined by dots. */
const FIELD = /^[^.]+(\.[^.]+){0,15}$/;

const answer = z
  .strictObject({
    tags: z
      .record(
        z.string(),
        z.string().regex(FIELD, 'name a field of the JSON answer, like caller.income or leads.0.state'),
      )
      .refine((tags) => Object.keys(tags).length > 0, 'name at least one tag and the field it comes from')
      .superRefine((tags, context) => {
        for (const name of readCallTags(Object.keys(tags).map((tag) => [tag, 'any'])).ignored) {
          context.addIssue({
            code: 'custom',
            message: `"${name}" cannot be a tag: the name is reserved, too long or has blanks`,
          });
        }
      }),
    within_ms: z
      .number('write a number of milliseconds')
      .int('write whole milliseconds')
      .min(50, 'write 50 ms or more')
      .max(3000, 'write 3000 ms or less: the caller waits')
      .default(500),
  })
  .transform(({ tags, within_ms: withinMs }) => ({ tags, withinMs }));

export const webhook = z
  .strictObject({
    id,
    trigger: z
      .enum([...WEBHOOK_TRIGGERS, 'bridged'], `write one of ${WEBHOOK_TRIGGERS.join(', ')}`)
      .transform((value) => (value === 'bridged' ? 'answered' : value)),
    method: z.enum(['HEAD', 'GET', 'POST', 'PUT'], 'write HEAD, GET, POST or PUT').default('POST'),
    url: z.string(),
    headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'write a header name'), z.string()).default({}),
    body: z.string().optional(),
    matches,
    trusted: z.boolean().default(false),
    answer: answer.optional(),
  })
  .transform((value) => ({ ...value, body: value.body, answer: value.answer }))
  .superRefine((value, context) => {
    for (const message of validateWebhookTemplate(value).errors) context.addIssue({ code: 'custom', message });
    if (value.answer === undefined) return;
    if (!DATA_TRIGGERS.some((trigger) => trigger === value.trigger)) {
      const message = `only a webhook for ${DATA_TRIGGERS.join(' or ')} can take tags from the answer`;
      context.addIssue({ code: 'custom', path: ['answer'], message });
    }
    if (value.method === 'HEAD') {
      context.addIssue({
        code: 'custom',
        path: ['method'],
        message: 'the answer to HEAD has no body: write GET or POST',
      });
    }
  });
