import { fits, LANES, type Lane } from './lanes';
import type { ProtectionClock } from './protection-clock';

export interface BulkheadLimits {
  /** Permits: calls under way at once. */
  readonly maxConcurrent: number;
  /** Calls that wait for a permit. */
  readonly maxWaiting: number;
  /** How long a call waits for a permit, ms. */
  readonly maxWaitMs: number;
}

interface Waiter {
  readonly lane: Lane;
  readonly arrival: number;
  readonly admitted: () => void;
}

/** The room of one PSP, so that its trouble stays its own: no call gets in without a permit, and few wait, not for long. */
export class Bulkhead {
  private readonly using: Record<Lane, number> = { first_send: 0, search: 0 };
  private readonly queues: Readonly<Record<Lane, Set<Waiter>>> = { first_send: new Set(), search: new Set() };
  private arrivals = 0;

  constructor(
    private readonly limits: BulkheadLimits,
    private readonly clock: ProtectionClock,
  ) {}

  get inUse(): Readonly<Record<Lane, number>> {
    return { ...this.using };
  }

  get waiting(): Readonly<Record<Lane, number>> {
    return { first_send: this.queues.first_send.size, search: this.queues.search.size };
  }

  /** @returns whether the caller has a permit now, which it must give back by `leave` */
  async enter(lane: Lane): Promise<boolean> {
    if (this.queues[lane].size === 0 && this.hasRoom(lane)) {
      this.using[lane] += 1;
      return true;
    }
    return fits(lane, this.limits.maxWaiting, this.waiting) ? this.wait(lane) : false;
  }

  leave(lane: Lane): void {
    this.using[lane] -= 1;
    for (let next = this.nextWaiter(); next !== undefined; next = this.nextWaiter()) {
      this.queues[next.lane].delete(next);
      this.using[next.lane] += 1;
      next.admitted();
    }
  }

  private wait(lane: Lane): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = this.clock.after(this.limits.maxWaitMs, () => {
        this.queues[lane].delete(waiter);
        resolve(false);
      });
      const waiter: Waiter = {
        lane,
        arrival: (this.arrivals += 1),
        admitted: () => {
          giveUp();
          resolve(true);
        },
      };
      this.queues[lane].add(waiter);
    });
  }

  private hasRoom(lane: Lane): boolean {
    return fits(lane, this.limits.maxConcurrent, this.using);
  }

  /** Who has waited longest, of the lanes that have room. */
  private nextWaiter(): Waiter | undefined {
    const firsts = LANES.filter((lane) => this.hasRoom(lane)).flatMap((lane) => {
      const [first] = this.queues[lane];
      return first === undefined ? [] : [first];
    });
    return firsts.sort((a, b) => a.arrival - b.arrival)[0];
  }
}
