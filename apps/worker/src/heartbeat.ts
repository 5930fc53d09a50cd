import { WORKER_HEARTBEAT, type Logger } from '@tender/nest';
import type { Heartbeats } from '@tender/readmodels';
import { periodically, type Periodic } from './periodic';

const BEAT_EVERY_MS = 500;

/** Tells the API that somebody will work on the payments it accepts. */
export const beatWhileAlive = (deps: {
  readonly heartbeats: Heartbeats;
  readonly isLive: () => boolean;
  readonly logger: Logger;
}): Periodic =>
  periodically({
    name: 'heartbeat',
    everyMs: BEAT_EVERY_MS,
    logger: deps.logger,
    round: async () => {
      if (deps.isLive()) await deps.heartbeats.beat(WORKER_HEARTBEAT, { pid: process.pid });
    },
  });
