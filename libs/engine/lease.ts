import { Changes } from './changes';
import type { Clock } from './timers/clock';

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
  /** Settles when the work has ended, by itself or stopped; rejects when it cannot go on. */
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
    /** `leased_work_ended`: by itself, or it could not be begun; it is begun again. */
    readonly what: 'lease_unsure' | 'leased_work_ended';
    error: unknown;
  }) => void;
}

export interface Leased {
  readonly isHeld: () => boolean;
  /** Ends the work and gives the lease up, so that the next one need not wait. */
  stop(): Promise<void>;
}

export const BEAT_EVERY_MS = 500;
/** A holder whose record stands still for so long, by the clock of whoever watches it, is taken for gone, ms. */
export const TAKEN_OVER_AFTER_MS = 3_000;
/** Work that ended by itself is begun again after this, and after twice as long each time that it ends soon, ms. */
export const BEGIN_AGAIN_FIRST_AFTER_MS = 1_000;
export const BEGIN_AGAIN_AT_MOST_AFTER_MS = 60_000;

/**
 * Lets one process of several do a piece of work. It saves the others the effort and no more: two may hold a lease
 * at once for a while (a stopped process does not know that it was stopped), and whatever they write must allow it.
 *
 * No two clocks are compared. Whoever waits measures, on its own clock, how long the record has not changed.
 *
 * Work that ends by itself ends nothing else, and is not gone: the lease is given up, so that another process may fare
 * better, and this one wants it again after a while.
 */
export function workWhileHolding(deps: LeasedDeps): Leased {
  const changes = new Changes();
  let stopping = false;
  let lease: LeaseRecord | undefined;
  let work: LeasedWork | undefined;
  let seen: { readonly record: LeaseRecord; readonly sinceMs: number } | undefined;
  /** Why the work that was begun does not go on. */
  let ended: { readonly error: unknown } | undefined;
  let begunAtMs = 0;
  let wantedFromMs = 0;
  let pauseMs = BEGIN_AGAIN_FIRST_AFTER_MS;
  const isStopping = (): boolean => stopping;

  const tryToTake = async (): Promise<void> => {
    const { name, holder, leases, clock } = deps;
    if (clock.now() < wantedFromMs) return;
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
    beginWork();
  };

  const beginWork = (): void => {
    begunAtMs = deps.clock.now();
    const end = (error: unknown): void => {
      ended = { error };
      changes.tell();
    };
    try {
      const begun = (work = deps.begin());
      const endIfOurs = (error: unknown): void => {
        if (work === begun) end(error);
      };
      begun.finished.then(() => {
        endIfOurs(new Error('the work ended without being told to'));
      }, endIfOurs);
    } catch (error) {
      end(error);
    }
  };

  const takeUpAgainLater = async (
    held: LeaseRecord,
    { error }: { readonly error: unknown },
  ): Promise<void> => {
    const { name, leases, clock, report } = deps;
    report({ reader: name, what: 'leased_work_ended', error });
    const now = clock.now();
    if (now - begunAtMs >= BEGIN_AGAIN_AT_MOST_AFTER_MS) pauseMs = BEGIN_AGAIN_FIRST_AFTER_MS;
    wantedFromMs = now + pauseMs;
    pauseMs = Math.min(2 * pauseMs, BEGIN_AGAIN_AT_MOST_AFTER_MS);
    [ended, lease, seen] = [undefined, undefined, undefined];
    // what is left of it; why it ended is told already
    await endWork().catch(() => undefined);
    await leases.giveUp(held);
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
        if (lease === undefined) await tryToTake();
        else await (ended === undefined ? keep(lease) : takeUpAgainLater(lease, ended));
      } catch (error) {
        // held or not: it is known again once the store answers
        deps.report({ reader: deps.name, what: 'lease_unsure', error });
      }
      if (!isStopping()) await changes.nextWithin(deps.clock, BEAT_EVERY_MS);
    }
    await endWork().catch((error: unknown) => {
      deps.report({ reader: deps.name, what: 'leased_work_ended', error });
    });
    if (lease !== undefined) await deps.leases.giveUp(lease).catch(() => undefined);
    lease = undefined;
  };

  const running = run();
  return {
    isHeld: () => lease !== undefined,
    async stop() {
      stopping = true;
      changes.tell();
      await running;
    },
  };
}
