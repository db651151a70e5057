import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import { type Logger, maskKey } from '../log.ts';

/** One debug line per request, its target without the key and none of its headers. */
export function requestLog(log: Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    quietReqLogger: true,
    customLogLevel: () => 'debug',
    customSuccessMessage: () => 'request answered',
    customErrorMessage: () => 'request failed',
    serializers: {
      req: (req: { method: string; url: string }) => ({ method: req.method, target: maskKey(req.url) }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
  });
}
