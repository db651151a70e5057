import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { DryRunRequest } from '../domain/dry-run.ts';
import { parseInstant, parseTimeZone } from '../domain/wall-time.ts';
import { readJsonBody } from './json-body.ts';

const texts = z.union([z.string(), z.array(z.string())], 'write a text, or a list of texts');

/** Whose call is tried. */
export const dryRunBody = z.strictObject({
  dialed_number: z.string('write the number that is dialled, like "+18005550100"').describe('E.164'),
  caller_number: z.string('write a number like "+12025550143", or leave it out').optional(),
  tags: z.record(z.string(), texts).default({}),
  at: z
    .string('write a time like "2026-11-01T03:30", or leave it out')
    .optional()
    .describe('when the call comes; now when left out'),
  time_zone: z
    .string('write a time zone like "America/New_York", or leave it out')
    .optional()
    .describe("of `at`; the account's when left out"),
});

/** Reads the JSON body of a dry run. Throws HttpProblem or AppError. */
export async function readDryRunRequest(req: IncomingMessage, accountZone: string): Promise<DryRunRequest> {
  const { dialed_number, caller_number, tags, at, time_zone } = await readJsonBody(req, dryRunBody);
  const zone = time_zone === undefined ? accountZone : parseTimeZone(time_zone);
  return {
    dialedNumber: dialed_number,
    callerNumber: caller_number,
    tags: Object.entries(tags).flatMap(([name, values]) => [values].flat().map((each) => ({ name, value: each }))),
    at: at === undefined ? undefined : parseInstant(at, zone),
  };
}
