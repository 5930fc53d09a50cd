import type { Position, RecordedEvent } from './log';

/**
 * What a checker sees of the log and nobody else has to: also what was done to streams by hand, and records that no
 * reader understands, told instead of thrown.
 */
export type InspectedRecord =
  | { readonly kind: 'event'; readonly event: RecordedEvent }
  | {
      readonly kind: 'unreadable';
      readonly stream: string;
      readonly revision: bigint;
      readonly position: Position;
      readonly reason: string;
    }
  /** Somebody wrote metadata of the stream; what it says by now is `streamRules`. */
  | { readonly kind: 'rules_changed'; readonly stream: string; readonly position: Position }
  /** Deleted for ever: nobody can read its events by its name any more. */
  | { readonly kind: 'tombstoned'; readonly stream: string; readonly position: Position };

export interface InspectedPage {
  readonly records: readonly InspectedRecord[];
  /** Of the last record considered; the given `after` when there was none; undefined in an empty log. */
  readonly position: Position | undefined;
  readonly end: boolean;
}

/** What the store itself does with a stream, as far as it takes events away. */
export interface StreamRules {
  readonly maxAgeS: number | undefined;
  readonly maxCount: number | undefined;
  /** Events before this revision are gone; a soft delete sets it beyond all of them. */
  readonly truncateBefore: number | undefined;
}

export interface LogInspection {
  /** One page of the whole log, like `readAll`. */
  inspectAll(options: {
    after: Position | 'start';
    prefixes: readonly string[];
    maxCount: number;
  }): Promise<InspectedPage>;

  streamRules(stream: string): Promise<StreamRules>;
}

export const NO_RULES: StreamRules = { maxAgeS: undefined, maxCount: undefined, truncateBefore: undefined };
