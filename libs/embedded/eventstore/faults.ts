import { setTimeout as pause } from 'node:timers/promises';

/** How a server that is not able to lead answers a write. */
export type WriteRefusal = 'unavailable' | 'not-leader' | 'aborted';

/**
 * What production does and one process on loopback never would. All are off at the start and may be set at any time.
 * `kill…` ends the server without a reply, as a power cut would: the caller cannot know whether its events are stored.
 */
export interface FaultSwitches {
  commitDelayMs: number;
  /** The disk refuses the next transaction: the server must stop rather than go on with memory ahead of disk. */
  failNextCommit: boolean;
  killBeforeCommit: boolean;
  /** The events are durable and the client never hears of it. */
  killBeforeReply: boolean;
  /** Every write is refused so while this is set, and nothing is stored. */
  refuseWrites: WriteRefusal | undefined;
  /** Each event of a persistent subscription is delivered twice: at-least-once made visible. */
  deliverTwice: boolean;
}

export class Faults {
  readonly switches: FaultSwitches;

  constructor(
    initial: Partial<FaultSwitches> = {},
    private readonly kill: () => void = () => undefined,
  ) {
    this.switches = {
      commitDelayMs: 0,
      failNextCommit: false,
      killBeforeCommit: false,
      killBeforeReply: false,
      refuseWrites: undefined,
      deliverTwice: false,
      ...initial,
    };
  }

  async beforeCommit(): Promise<void> {
    if (this.switches.commitDelayMs > 0) await pause(this.switches.commitDelayMs);
    if (this.switches.killBeforeCommit) this.die();
    if (!this.switches.failNextCommit) return;
    this.switches.failNextCommit = false;
    throw new Error('injected: no space left on device');
  }

  beforeReply(): void {
    if (this.switches.killBeforeReply) this.die();
  }

  private die(): never {
    this.kill();
    throw new Error('killed by a fault switch');
  }
}
