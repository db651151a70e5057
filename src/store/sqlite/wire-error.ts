import { AppError, ERROR_CODES, type ErrorCode } from '../../domain/errors.ts';

/** An error as it crosses the thread: structured clone would lose the class and its fields. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: string | undefined;
  readonly cause?: WireError;
}

/** SQLite's result codes that say "not now": the disk is full, slow or gone, or somebody holds the lock. */
const TRANSIENT = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN|CORRUPT|INTERRUPT|PROTOCOL)/;

/** A chain of causes longer than this is a circle. */
const LONGEST_CHAIN = 5;

/** Result codes of SQLite that may pass become `Unavailable` on the way. */
export function toWire(error: unknown): WireError {
  return described(meaningful(error), LONGEST_CHAIN);
}

function described(error: unknown, depth: number): WireError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, code: undefined };
  const { name, message, stack, code, cause } = error as Error & { code?: unknown };
  const wire = { name, message, stack, code: typeof code === 'string' ? code : undefined };
  return cause === undefined || depth === 0 ? wire : { ...wire, cause: described(cause, depth - 1) };
}

/** The AppError it was, or a plain Error with the same name, message, stack and code. */
export function fromWire(wire: WireError): Error {
  const options = wire.cause === undefined ? undefined : { cause: fromWire(wire.cause) };
  if (isErrorCode(wire.code)) return withStack(new AppError(wire.code, wire.message, options), wire);
  return withStack(Object.assign(new Error(wire.message, options), { name: wire.name, code: wire.code }), wire);
}

function meaningful(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const { code } = error as Error & { code?: unknown };
  if (typeof code !== 'string' || !TRANSIENT.test(code)) return error;
  return new AppError('store_unavailable', `the database cannot serve just now: ${error.message}`, { cause: error });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code);
}

function withStack(error: Error, { stack }: WireError): Error {
  if (stack !== undefined) error.stack = stack;
  return error;
}
