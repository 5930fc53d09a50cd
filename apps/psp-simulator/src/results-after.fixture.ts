/** What a simulator that a test drives tells later, it tells when the test moves the clock, ms: not when the machine is slow. */
export const RESULTS_AFTER_MS = 3_600_000;
