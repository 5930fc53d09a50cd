/** A busy machine may take seconds for an answer over loopback, ms. */
const PATIENT_MS = 30_000;
/** Where no answer is to come, nobody has to wait for long, ms. */
const HURRIED_MS = 400;

/** How long a driven client waits for its answers. */
export class Patience {
  private hurried = 0;

  get ms(): number {
    return this.hurried > 0 ? HURRIED_MS : PATIENT_MS;
  }

  /** So many of the next requests meet the fault. */
  planned(fault: string, times: number): void {
    this.endsSoon(fault.startsWith('timeout') ? times : 0);
  }

  /** Until so many requests had no answer. */
  endsSoon(times = 1): void {
    this.hurried = times;
  }

  requestFailed(): void {
    this.hurried = Math.max(0, this.hurried - 1);
  }
}
