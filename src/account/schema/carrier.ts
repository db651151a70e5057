import { z } from 'zod';
import { DIGEST_ALGORITHMS, SIP_TRANSPORTS } from '../../domain/carrier.ts';
import { isNumberingCountry } from '../../domain/national-number.ts';
import { address, count, id, login, name } from './basics.ts';

export const carrier = z
  .strictObject({
    id,
    name,
    addresses: z.array(address).default([]),
    login: login.extend({ algorithm: z.enum(DIGEST_ALGORITHMS, 'write MD5 or SHA-256').default('MD5') }).optional(),
    transports: z
      .array(z.enum(SIP_TRANSPORTS, 'write udp, tcp or tls'))
      .min(1, 'list at least one transport, or leave the line out')
      .default([...SIP_TRANSPORTS]),
    max_concurrent_calls: count.optional(),
    max_calls_per_second: count.optional(),
    dialed_number_from: z
      .string()
      .regex(/^[A-Za-z][\w-]*$/, 'write request_uri, to, or a header like Diversion')
      .default('request_uri'),
    caller_number_from: z.enum(['from', 'p_asserted_identity'], 'write from or p_asserted_identity').default('from'),
    country: z.string().refine(isNumberingCountry, 'write a country by two letters, like US').optional(),
  })
  .transform((value) => ({
    id: value.id,
    name: value.name,
    addresses: value.addresses,
    login: value.login,
    transports: value.transports,
    maxConcurrentCalls: value.max_concurrent_calls,
    maxCallsPerSecond: value.max_calls_per_second,
    dialedNumberFrom: value.dialed_number_from,
    callerNumberFrom: value.caller_number_from,
    country: value.country,
  }))
  .superRefine(({ addresses, login: credentials }, context) => {
    if (addresses.length > 0 || credentials !== undefined) return;
    context.addIssue({ code: 'custom', message: 'list at least one address under addresses, or add a login' });
  });
