import pino, { type Logger } from 'pino';

/** Never in a log, wherever it may stand in what is logged. */
const REDACTED = ['authorization', 'apiKey', 'key', 'secret', 'password', 'token', 'payment_method'];

/** Lines are written together: a write a request costs more than everything else that is logged about it. */
const BUFFER_BYTES = 8 * 1024;
const FLUSH_EVERY_MS = 250;

/** One JSON line an event on stdout, with the process's name. `LOG_LEVEL` sets the least level. */
export function createLogger(name: string, level = process.env.LOG_LEVEL ?? 'info'): Logger {
  const stdout = pino.destination({
    dest: 1,
    sync: false,
    minLength: BUFFER_BYTES,
    periodicFlush: FLUSH_EVERY_MS,
  });
  // also after an error that nobody caught: its line is the one that matters most
  process.on('exit', () => {
    stdout.flushSync();
  });
  const redact = { paths: REDACTED.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' };
  return pino({ name, level, redact }, stdout);
}

export type { Logger } from 'pino';
