import type { ProtectionClock } from './protection-clock';

export type BreakerState = 'closed' | 'half_open' | 'open';

/** What the end of a call says about the PSP; `neutral` says nothing, as a decline says nothing about a network. */
export type Health = 'up' | 'down' | 'neutral';

/** Ends of calls that are older than this are forgotten, ms. */
export const BREAKER_WINDOW_MS = 10_000;
/**
 * Fewer ends in the window prove nothing: some lost connections at night close no shop. Whoever calls so rarely does not
 * need a breaker, as permits and deadlines hold what hangs.
 */
export const BREAKER_MIN_CALLS = 20;
/** The circuit opens when at least this share of them was `down`. */
export const BREAKER_OPENS_AT_SHARE = 0.5;
/** How long nobody is let through before the first probe, ms. */
export const BREAKER_OPEN_FOR_MS = 10_000;
/** Probes under way at once: so many buyers may wait for a PSP that is still dead. */
export const BREAKER_MAX_PROBES = 3;
/** Probes that have to come back well before everybody is let through. */
export const BREAKER_PROBES_TO_CLOSE = 3;

const SLICE_MS = 1_000;

interface Slice {
  readonly startedAtMs: number;
  up: number;
  down: number;
}

/**
 * Lets nobody run into a PSP that is not answering. It is told how calls ended and decides about the next ones; what
 * a call that it lets through did, it never judges.
 */
export class CircuitBreaker {
  private current: BreakerState = 'closed';
  /** Counts the changes: the end of a call from before the last one tells of other days. */
  private era = 0;
  private openedAtMs = 0;
  private probing = 0;
  private provenUp = 0;
  private slices: Slice[] = [];

  constructor(
    private readonly clock: ProtectionClock,
    private readonly onChange: (from: BreakerState, to: BreakerState) => void = () => undefined,
  ) {}

  /** Open lasts until the first call after its time: there is no probe without one. */
  get state(): BreakerState {
    return this.current;
  }

  /** Whether `admit` would refuse now. */
  refuses(): boolean {
    if (this.current === 'open') return this.clock.now() - this.openedAtMs < BREAKER_OPEN_FOR_MS;
    return this.current === 'half_open' && this.probing >= BREAKER_MAX_PROBES;
  }

  /** @returns what must be called with how the call ended, or nothing when the call must not be made */
  admit(): ((health: Health) => void) | undefined {
    if (this.refuses()) return undefined;
    if (this.current === 'open') this.become('half_open');
    if (this.current === 'half_open') this.probing += 1;
    const { era } = this;
    return (health) => {
      if (era === this.era) this.ended(health);
    };
  }

  private ended(health: Health): void {
    if (this.current === 'half_open') this.probeEnded(health);
    else if (health !== 'neutral' && this.isDown(this.counted(health))) this.become('open');
  }

  private probeEnded(health: Health): void {
    this.probing -= 1;
    if (health === 'down') this.become('open');
    if (health !== 'up') return;
    this.provenUp += 1;
    if (this.provenUp >= BREAKER_PROBES_TO_CLOSE) this.become('closed');
  }

  private counted(health: 'up' | 'down'): readonly Slice[] {
    const now = this.clock.now();
    this.slices = this.slices.filter(({ startedAtMs }) => now - startedAtMs < BREAKER_WINDOW_MS);
    let slice = this.slices.at(-1);
    if (slice === undefined || now - slice.startedAtMs >= SLICE_MS) {
      slice = { startedAtMs: now, up: 0, down: 0 };
      this.slices.push(slice);
    }
    slice[health] += 1;
    return this.slices;
  }

  private isDown(slices: readonly Slice[]): boolean {
    const down = slices.reduce((sum, slice) => sum + slice.down, 0);
    const all = slices.reduce((sum, slice) => sum + slice.up, down);
    return all >= BREAKER_MIN_CALLS && down >= all * BREAKER_OPENS_AT_SHARE;
  }

  private become(next: BreakerState): void {
    const previous = this.current;
    this.current = next;
    this.era += 1;
    this.probing = 0;
    this.provenUp = 0;
    this.slices = [];
    if (next === 'open') this.openedAtMs = this.clock.now();
    this.onChange(previous, next);
  }
}
