import { z } from 'zod';
import { WEBHOOK_TRIGGERS } from '../../domain/account.ts';
import { validateWebhookTemplate } from '../../domain/webhook-template.ts';
import { id, matches } from './basics.ts';

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
  })
  .transform((value) => ({ ...value, body: value.body }))
  .superRefine((value, context) => {
    for (const message of validateWebhookTemplate(value).errors) context.addIssue({ code: 'custom', message });
  });
