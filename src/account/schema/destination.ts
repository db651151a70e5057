import { z } from 'zod';
import { dialTemplateErrors } from '../../domain/dial-template.ts';
import { callerId, e164, id, login, name } from './basics.ts';

const sipUri = z
  .string()
  .regex(/^sips?:([^\s@<>"]+@)?[^\s@<>"]+$/, 'write a SIP URI like sip:+15551234567@sip.buyer.example:5060');

const healthCheckSeconds = z
  .number('write a number of seconds')
  .int('write whole seconds')
  .min(5, 'ask every 5 seconds at most')
  .max(3_600, 'ask every hour at least')
  .optional();

const headers = z
  .record(z.string().regex(/^[\w!%*+`'~.-]+$/, 'write a header name'), z.string('put the value in quotes'))
  .default({});

function refuseTemplateErrors(value: { uri: string; headers: Record<string, string> }, context: z.RefinementCtx): void {
  for (const message of dialTemplateErrors(value)) context.addIssue({ code: 'custom', message });
}

const plainDestination = sipUri
  .transform((uri) => ({ kind: 'sip' as const, uri, login: undefined, headers: {}, healthCheckSeconds: undefined }))
  .superRefine(refuseTemplateErrors);

const sipDestination = z
  .strictObject({
    uri: sipUri,
    login: login.optional(),
    headers,
    health_check_seconds: healthCheckSeconds,
  })
  .transform(({ uri, login: credentials, headers: more, health_check_seconds: seconds }) => ({
    kind: 'sip' as const,
    uri,
    login: credentials,
    headers: more,
    healthCheckSeconds: seconds,
  }))
  .superRefine(refuseTemplateErrors);

const numberDestination = z
  .strictObject({ number: e164, gateway: id })
  .transform(({ number, gateway: gatewayId }) => ({ kind: 'number' as const, number, gatewayId }));

/** A SIP URI, or `{ uri, … }`, or `{ number, gateway }`. */
export const destination = z.unknown().transform((value, context) => {
  const schema = typeof value === 'string' ? plainDestination : hasNumber(value) ? numberDestination : sipDestination;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue(issue as never);
  return z.NEVER;
});

function hasNumber(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('number' in value || 'gateway' in value);
}

export const gateway = z
  .strictObject({
    id,
    name,
    uri: sipUri.refine((uri) => !uri.includes('@'), 'leave out the user part: the number is put there'),
    login: login.optional(),
    headers,
    number_format: z.enum(['e164_plus', 'e164', 'national'], 'write e164_plus, e164 or national').default('e164_plus'),
    caller_id: callerId,
    trusted: z.boolean().default(false),
    health_check_seconds: healthCheckSeconds,
  })
  .transform((value) => ({
    id: value.id,
    name: value.name,
    uri: value.uri,
    login: value.login,
    headers: value.headers,
    numberFormat: value.number_format,
    callerId: value.caller_id,
    trusted: value.trusted,
    healthCheckSeconds: value.health_check_seconds,
  }))
  .superRefine(refuseTemplateErrors);
