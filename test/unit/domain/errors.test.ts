import { describe, expect, it } from 'vitest';
import { AppError, ERROR_CODES, type ErrorCode, HTTP_STATUS_OF_KIND } from '../../../src/domain/errors.ts';

describe('error catalogue (style §3.3)', () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];

  it.each(codes)('%s is snake_case and of a kind with an HTTP status', (code) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
    const error = new AppError(code, 'message', { cause: 'because' });
    expect(error).toMatchObject({ name: 'AppError', code, kind: ERROR_CODES[code], cause: 'because' });
    expect(HTTP_STATUS_OF_KIND[error.kind]).toBeGreaterThanOrEqual(400);
  });

  it('stands in alphabetical order, so that a doubled code is seen', () => {
    expect(codes).toEqual([...codes].sort());
  });
});
