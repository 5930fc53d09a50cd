import type { CheckpointPosition } from '../checkpoints';
import type { LedgerEvent } from '../ledger/posting';

/** How the rebuilt model and the live one compare. */
export interface Comparison {
  readonly isEqual: boolean;
  /** One line for a person: what was held against what, with the hashes. */
  readonly says: string;
}

/** A model made again beside the live one, and what it takes to put it in its place. */
export interface Rebuilt {
  /** Of what is live. */
  readonly live: string;
  /** Of what is made. */
  readonly version: string;
  readonly prefixes: readonly string[];
  /**
   * Whether the log is applied once more after the switch. Where a projector writes, it goes on from the checkpoint;
   * whoever else writes may have written to what was live until then.
   */
  readonly catchesUpAfterSwitch: boolean;
  /** Collections and indexes. Harmless to repeat. */
  prepare(): Promise<void>;
  position(): Promise<CheckpointPosition | undefined>;
  apply(events: readonly LedgerEvent[], reached: CheckpointPosition): Promise<void>;
  /** Once it has caught up. */
  compare(): Promise<Comparison>;
  /** @returns false when something else has become the live one meanwhile */
  makeLive(): Promise<boolean>;
  /** Removes what was live, or what an earlier rebuild has left. */
  drop(which: 'live_before' | 'unfinished'): Promise<void>;
}
