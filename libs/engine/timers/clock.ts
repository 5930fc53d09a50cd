/** Time as the engine knows it. Simulations own another implementation; nothing in the core reads the system's. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => {
      clearTimeout(timer);
    };
  },
};

export const sleep = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });

/** RFC 3339, UTC, milliseconds: how every stored and shown time is written. */
export const timestampOf = (epochMs: number): string => new Date(epochMs).toISOString();
