import type { PostbackInstructions } from '../../domain/postback-instructions.ts';

/** The instructions for a program. */
export function instructionsJson(instructions: PostbackInstructions) {
  const { sipHeaders, windowSeconds, ...rest } = instructions;
  return { ...rest, sip_headers: sipHeaders, postback_timeout_seconds: windowSeconds };
}
