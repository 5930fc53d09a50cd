import type { Logger } from './logger';

export interface RunningApp {
  /** Finishes what is under way and lets go of everything. */
  close(): Promise<void>;
  /** Told to a supervising parent, for example the port. */
  readonly ready?: Readonly<Record<string, unknown>>;
  /** Rejects when the app cannot go on by itself. */
  readonly failed?: Promise<never>;
}

/** A close that takes longer is cut off, ms: what is not finished by then is finished after the next start. */
export const CLOSE_WITHIN_MS = 4_000;
/** Exit code of a process that met something it must not go on from (BSD sysexits: EX_SOFTWARE). */
export const EXIT_BROKEN = 70;

/**
 * Runs an app as a crash-only process: SIGTERM closes it, anything unforeseen ends it at once, and a restart picks
 * up from the streams. Under a supervisor (`TENDER_SUPERVISED=1`) Ctrl-C is left to the parent, which stops its
 * children in order, and the app follows a parent that is gone.
 */
export async function runApp(log: Logger, start: () => Promise<RunningApp>): Promise<void> {
  const supervised = process.env.TENDER_SUPERVISED === '1';
  let closing = false;
  let orphaned = false;
  let app: RunningApp | undefined;

  // With the parent goes the reader of the log, and pino's flush at exit repeats a failed write for ever (sonic-boom 4)
  const leave = (code: number): void => {
    if (orphaned) process.kill(process.pid, 'SIGKILL');
    else process.exit(code);
  };
  const stop = (reason: string): void => {
    if (closing) return;
    closing = true;
    log.info({ reason }, 'closing');
    const cut = setTimeout(() => {
      log.error('the close took too long');
      leave(EXIT_BROKEN);
    }, CLOSE_WITHIN_MS);
    cut.unref();
    Promise.resolve(app?.close()).then(
      () => {
        leave(0);
      },
      (error: unknown) => {
        fail(error);
      },
    );
  };
  const fail = (error: unknown): void => {
    log.fatal({ err: error }, 'cannot go on');
    leave(EXIT_BROKEN);
  };

  process.on('SIGTERM', () => {
    stop('SIGTERM');
  });
  process.on('SIGINT', () => {
    if (!supervised) stop('SIGINT');
  });
  if (supervised) {
    process.on('disconnect', () => {
      orphaned = true;
      stop('the parent is gone');
    });
  }
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);

  try {
    app = await start();
    app.failed?.catch(fail);
    if (supervised) process.stdout.write(`${JSON.stringify({ ready: true, ...app.ready })}\n`);
    log.info(app.ready ?? {}, 'ready');
  } catch (error) {
    fail(error);
  }
}
