/** What of the driver's client is listened to. */
export interface HeartbeatSource {
  on(
    event: 'serverHeartbeatStarted' | 'serverHeartbeatSucceeded' | 'serverHeartbeatFailed' | 'serverClosed',
    listener: (event: { readonly connectionId?: string; readonly address?: string }) => void,
  ): unknown;
}

/** The driver has stopped looking for its server, for ever: only a new process finds it again. */
export class ReadStoreLost extends Error {
  override readonly name = 'ReadStoreLost';
}

export interface HeartbeatWatch {
  /** Rejects, once, when a heartbeat has neither succeeded nor failed in time. */
  readonly failed: Promise<never>;
  stop(): void;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Driver 7.9.0 can wait for ever for the 'drain' of a socket that is destroyed already: when a connection is
 * accepted and closed in the same instant, as a balancer does while its server restarts. Its monitor then never
 * looks again, and every operation fails although the server is back. Looks are counted, not time: a process that was
 * stopped for a while has nothing to blame the driver for.
 */
export function watchHeartbeats(
  client: HeartbeatSource,
  { stuckAfterLooks, lookEveryMs = LOOK_EVERY_MS }: { stuckAfterLooks: number; lookEveryMs?: number },
): HeartbeatWatch {
  const looksSince = new Map<string, number>();
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // whoever does not care must not end by an unhandled rejection
  failed.catch(() => undefined);
  client.on('serverHeartbeatStarted', ({ connectionId = '' }) => {
    looksSince.set(connectionId, 0);
  });
  for (const ended of ['serverHeartbeatSucceeded', 'serverHeartbeatFailed'] as const) {
    client.on(ended, ({ connectionId = '' }) => {
      looksSince.delete(connectionId);
    });
  }
  client.on('serverClosed', ({ address = '' }) => {
    looksSince.delete(address);
  });
  const timer = setInterval(() => {
    for (const [address, looks] of looksSince) {
      looksSince.set(address, looks + 1);
      if (looks >= stuckAfterLooks)
        fail(new ReadStoreLost(`no heartbeat of ${address} has ended for too long`));
    }
  }, lookEveryMs);
  timer.unref();
  return {
    failed,
    stop: () => {
      clearInterval(timer);
    },
  };
}
