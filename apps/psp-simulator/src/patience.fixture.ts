/** A busy machine may take seconds for an answer over loopback, ms. */
const PATIENT_MS = 30_000;
/** Where no answer is to come, nobody has to wait for long, ms. */
const HURRIED_MS = 400;

const NOT_IN_TIME = /^(timeout|slow)/;

/** How long a driven client waits for its answers. */
export class Patience {
  private neverAnswered = 0;

  get ms(): number {
    return this.neverAnswered > 0 ? HURRIED_MS : PATIENT_MS;
  }

  /** So many of the next requests meet the fault. */
  planned(fault: string, times: number): void {
    this.neverAnswered = NOT_IN_TIME.test(fault) ? times : 0;
  }

  requestFailed(): void {
    this.neverAnswered = Math.max(0, this.neverAnswered - 1);
  }
}
