import type { Position } from '@tender/eventstore';

/**
 * How far a reader has come, kept outside the process. It may lag behind what was done (work is repeated, and
 * every effect is harmless to repeat), but never lead it.
 */
export interface Checkpoints {
  load(name: string): Promise<Position | undefined>;
  /** Never moves a stored position back. */
  save(name: string, position: Position): Promise<void>;
}

/** A checkpoint is written at most this often, ms: a restart repeats up to this much work. */
export const CHECKPOINT_EVERY_MS = 1_000;

export const isAfter = (a: Position, b: Position): boolean =>
  a.commit > b.commit || (a.commit === b.commit && a.prepare > b.prepare);
