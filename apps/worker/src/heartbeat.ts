import { WORKER_HEARTBEATS, type Logger } from '@tender/nest';
import type { HeartbeatDetails, Heartbeats } from '@tender/readmodels';
import { periodically, type Periodic } from './periodic';

const BEAT_EVERY_MS = 500;
/** Rounds between two looks for workers that were killed and cannot take their name off the list. */
const TIDY_EVERY_BEATS = 120;
/** Long after anybody takes it for alive, ms. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;

/** Tells the API that somebody will work on the payments it accepts, each worker under a name of its own. */
export function beatWhileAlive(deps: {
  readonly heartbeats: Heartbeats;
  /** Of this process alone. */
  readonly worker: string;
  readonly isLive: () => boolean;
  /** What this worker alone can tell. */
  readonly details: () => HeartbeatDetails;
  readonly logger: Logger;
}): Periodic {
  const { heartbeats, isLive, details, logger } = deps;
  const name = `${WORKER_HEARTBEATS}${deps.worker}`;
  let beats = 0;
  const beating = periodically({
    name: 'heartbeat',
    everyMs: BEAT_EVERY_MS,
    logger,
    round: async () => {
      if (!isLive()) return;
      await heartbeats.beat(name, { pid: process.pid, ...details() });
      beats += 1;
      if (beats % TIDY_EVERY_BEATS !== 1) return;
      for (const other of await heartbeats.ages(WORKER_HEARTBEATS))
        if (other.ageMs > FORGOTTEN_AFTER_MS) await heartbeats.forget(other.name);
    },
  });
  return {
    async stop() {
      await beating.stop();
      // a name that stays on the list is taken for gone soon enough
      await heartbeats.forget(name).catch(() => undefined);
    },
  };
}
