import { HttpListener, type Handler } from './http-listener';
import type { InProgress } from './in-progress';
import type { LatencyShape } from './latency';

export interface SimulatorOptions {
  /** 0 (the default) takes a free one. */
  readonly port?: number | undefined;
  /** Where state is kept over a restart; in memory only without one. */
  readonly dir?: string | undefined;
  /** Of faults, delays and object ids; without one, ids never repeat. */
  readonly seed?: number | undefined;
  readonly latency?: LatencyShape | undefined;
  /** Requests a second of each operation; more are answered 429. No limit unless given. */
  readonly rateLimitPerSecond?: number | undefined;
  /** Milliseconds since 1970; the wall clock unless given. */
  readonly clock?: (() => number) | undefined;
  /** A journal that cannot be written means that answers would not be durable: the process should end. */
  readonly onJournalFailure?: ((error: Error) => void) | undefined;
}

export interface SimulatedPsp {
  readonly port: number;
  readonly url: string;
  /** Finishes what is in progress, up to a limit, then closes. */
  stop(): Promise<void>;
  /** Ends as a killed process would: what is not executed never is, what is not durable is lost, nobody is answered. */
  kill(): void;
}

/** Requests in progress get this long to finish when the simulator stops. */
export const STOP_GRACE_MS = 1_000;

/** The state behind a socket. */
export interface Stored {
  close(): Promise<void>;
  abandon(): void;
}

export const throwJournalFailure = (error: Error): void => {
  throw error;
};

/** Opens the socket of a simulated PSP on the loopback interface. */
export async function servePsp(
  port: number | undefined,
  inProgress: InProgress,
  stored: Stored,
  handlerOn: (refuseFor: (ms: number) => void) => Handler,
): Promise<SimulatedPsp> {
  const refuseFor = (ms: number): void => {
    listener.refuseFor(ms);
  };
  const listener = new HttpListener(handlerOn(refuseFor));
  try {
    await listener.listen(port ?? 0);
  } catch (error) {
    stored.abandon();
    throw error;
  }
  let ended: Promise<void> | undefined;
  return {
    port: listener.port,
    url: `http://127.0.0.1:${listener.port}`,
    stop: () => (ended ??= stop(listener, inProgress, stored)),
    kill: () => {
      if (ended !== undefined) return;
      ended = Promise.resolve();
      inProgress.dead = true;
      listener.stopListening();
      listener.destroyConnections();
      stored.abandon();
    },
  };
}

async function stop(listener: HttpListener, inProgress: InProgress, stored: Stored): Promise<void> {
  listener.stopListening();
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, STOP_GRACE_MS);
    inProgress.drained(() => {
      clearTimeout(limit);
      resolve();
    });
  });
  await stored.close();
  inProgress.dead = true;
  listener.destroyConnections();
}
