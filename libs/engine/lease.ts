import { Changes } from './changes';
import type { Clock } from './timers/clock';
import { sleep } from './timers/clock';

/** A lease as it is stored. Both numbers only grow: `token` with each holder, `beats` while one holds it. */
export interface LeaseRecord {
  readonly name: string;
  /** Null when it was given up. */
  readonly holder: string | null;
  readonly token: bigint;
  readonly beats: bigint;
}

/** Where leases are kept: compare and set, nothing more. */
export interface LeaseStore {
  find(name: string): Promise<LeaseRecord | undefined>;
  /** Takes it if it is still as it was seen; undefined when somebody else was quicker. */
  take(name: string, seen: LeaseRecord | undefined, holder: string): Promise<LeaseRecord | undefined>;
  /** A sign of life; false when it is somebody else's by now. */
  beat(lease: LeaseRecord): Promise<boolean>;
  giveUp(lease: LeaseRecord): Promise<void>;
}

/** What is done while the lease is held. */
export interface LeasedWork {
  /** Rejects when the work cannot go on by itself. */
  readonly finished: Promise<void>;
  stop(): Promise<void>;
}

export interface LeasedDeps {
  readonly name: string;
  /** Of this process, and of no other one ever. */
  readonly holder: string;
  readonly leases: LeaseStore;
  readonly clock: Clock;
  readonly begin: () => LeasedWork;
  readonly report: (problem: {
    readonly reader: string;
    readonly what: 'lease_unsure';
    error: unknown;
  }) => void;
}

export interface Leased {
  /** Rejects when the work did. */
  readonly finished: Promise<void>;
  readonly isHeld: () => boolean;
  /** Ends the work and gives the lease up, so that the next one need not wait. */
  stop(): Promise<void>;
}

export const BEAT_EVERY_MS = 500;
/** A holder whose record stands still for so long, by the clock of whoever watches it, is taken for gone, ms. */
export const TAKEN_OVER_AFTER_MS = 3_000;

/**
 * Lets one process of several do a piece of work. It saves the others the effort and no more: two may hold a lease
 * at once for a while (a stopped process does not know that it was stopped), and whatever they write must allow it.
 *
 * No two clocks are compared. Whoever waits measures, on its own clock, how long the record has not changed.
 */
export function workWhileHolding(deps: LeasedDeps): Leased {
  const changes = new Changes();
  let stopping = false;
  let lease: LeaseRecord | undefined;
  let work: LeasedWork | undefined;
  let seen: { readonly record: LeaseRecord; readonly sinceMs: number } | undefined;
  const isStopping = (): boolean => stopping;

  const tryToTake = async (): Promise<void> => {
    const { name, holder, leases, clock, begin } = deps;
    const record = await leases.find(name);
    const now = clock.now();
    if (record !== undefined && record.holder !== null) {
      const unchanged = seen?.record.token === record.token && seen.record.beats === record.beats;
      if (!unchanged || seen === undefined) seen = { record, sinceMs: now };
      if (now - seen.sinceMs < TAKEN_OVER_AFTER_MS) return;
    }
    if (isStopping()) return;
    lease = await leases.take(name, record, holder);
    if (lease === undefined) return;
    work = begin();
    void work.finished.then(
      () => undefined,
      (error: unknown) => {
        fail(error instanceof Error ? error : new Error(String(error)));
      },
    );
  };

  const keep = async (held: LeaseRecord): Promise<void> => {
    if (await deps.leases.beat(held)) return;
    lease = undefined;
    seen = undefined;
    await endWork();
  };

  const endWork = async (): Promise<void> => {
    const ending = work;
    work = undefined;
    await ending?.stop();
  };

  const run = async (): Promise<void> => {
    while (!isStopping()) {
      try {
        await (lease === undefined ? tryToTake() : keep(lease));
      } catch (error) {
        // held or not: it is known again once the store answers
        deps.report({ reader: deps.name, what: 'lease_unsure', error });
      }
      const pause = sleep(deps.clock, BEAT_EVERY_MS);
      await Promise.race([pause, changes.next()]);
    }
    await endWork();
    if (lease !== undefined) await deps.leases.giveUp(lease).catch(() => undefined);
    lease = undefined;
  };

  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const running = run();
  return {
    finished: Promise.race([running, failed]),
    isHeld: () => lease !== undefined,
    async stop() {
      stopping = true;
      changes.tell();
      await running;
    },
  };
}
