/** Time as the protections need it: what the engine's clock is, without knowing the engine. */
export interface ProtectionClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}
