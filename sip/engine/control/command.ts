import { ControlProtocolError } from './control-protocol-error.ts';

/** One frame of an application: `<id>|<verb>|<argument>|…`, then perhaps CRLF and SIP text. */
export interface Command {
  readonly id: string;
  readonly verb: string;
  readonly args: readonly string[];
  /** Empty when the frame is a meta line only. */
  readonly message: Buffer;
}

const CR = 0x0d;
const NO_MESSAGE = Buffer.alloc(0);

export function parseCommand(payload: Buffer): Command {
  const end = payload.indexOf(CR);
  const line = payload.toString('utf8', 0, end < 0 ? payload.length : end);
  const [id, verb, ...args] = line.split('|');
  if (id === undefined || id === '' || verb === undefined) throw new ControlProtocolError('frame without id or verb');
  return { id, verb, args, message: end < 0 ? NO_MESSAGE : payload.subarray(end + 2) };
}
