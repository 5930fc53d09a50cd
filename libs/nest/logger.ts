import pino, { type Logger } from 'pino';

/** Never in a log, wherever it may stand in what is logged. */
const REDACTED = ['authorization', 'apiKey', 'key', 'secret', 'password', 'token', 'payment_method'];

/** One JSON line an event on stdout, with the process's name. `LOG_LEVEL` sets the least level. */
export const createLogger = (name: string, level = process.env.LOG_LEVEL ?? 'info'): Logger =>
  pino({
    name,
    level,
    redact: { paths: REDACTED.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  });

export type { Logger } from 'pino';
