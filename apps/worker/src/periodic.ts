import type { Logger } from '@tender/nest';

export interface Periodic {
  /** Begins no other round and waits for the one under way. */
  stop(): Promise<void>;
}

/** Rounds of work, one after another with a pause between; a round that fails is logged and the next one tries again. */
export function periodically(options: {
  readonly name: string;
  readonly everyMs: number;
  readonly logger: Logger;
  readonly round: () => Promise<void>;
}): Periodic {
  let stopping = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const next = (): void => {
    running = options
      .round()
      .catch((error: unknown) => {
        options.logger.warn({ err: error, round: options.name }, 'a round failed');
      })
      .then(() => {
        if (!stopping) timer = setTimeout(next, options.everyMs);
      });
  };
  next();
  return {
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await running;
    },
  };
}
