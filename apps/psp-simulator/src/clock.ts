/**
 * The simulator's clock runs with the wall clock and can be pushed ahead of it, so that a test reaches the day on which
 * a PSP forgets an idempotency key without waiting for it. It never runs backwards: lists are ordered by creation time.
 */
export class SimClock {
  private aheadMs = 0;
  private lastMs = 0;

  constructor(private readonly wall: () => number = Date.now) {}

  /** What a receiver's clock says, which no test pushes: signatures carry this time. */
  wallMs(): number {
    return this.wall();
  }

  nowMs(): number {
    this.lastMs = Math.max(this.lastMs, this.wall() + this.aheadMs);
    return this.lastMs;
  }

  /** How far the clock runs ahead of the wall; kept over a restart, or keys would come back to life. */
  get offsetMs(): number {
    return this.aheadMs;
  }

  advance(byMs: number): void {
    if (!Number.isFinite(byMs) || byMs < 0) throw new RangeError('the clock only moves forward');
    this.aheadMs += byMs;
  }

  moveTo(nowMs: number): void {
    this.advance(nowMs - this.nowMs());
  }

  /** Puts back a stored offset; the present may be no earlier than anything already recorded. */
  restore(offsetMs: number, notBeforeMs: number): void {
    this.aheadMs = offsetMs;
    this.lastMs = notBeforeMs;
  }
}
