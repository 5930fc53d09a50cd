/** Codes that clients see as text in the `expected-version` trailer; any other value is an exact revision. */
export const ANY = -2;
export const NO_STREAM = -1;
export const STREAM_EXISTS = -4;

/** What the check needs to know of a stream, including writes of the same batch that are not durable yet. */
export interface StreamFacts {
  /** Revision of the last event, -1 if there is none. */
  readonly last: number;
  readonly tombstoned: boolean;
  readonly softDeleted: boolean;
  /** Metadata alone makes a stream "exist". */
  readonly hasMetadata: boolean;
  /** From the bounded cache of recent ids. */
  recentRevision(id: string): number | undefined;
  idAt(revision: number): string | undefined;
}

export type Verdict =
  | { readonly kind: 'ok' }
  /** The events are there already; nothing is written and the original answer is given again. */
  | { readonly kind: 'idempotent'; readonly last: number }
  | { readonly kind: 'wrong-expected-version' }
  | { readonly kind: 'stream-deleted' };

const OK: Verdict = { kind: 'ok' };
const WRONG: Verdict = { kind: 'wrong-expected-version' };
const DELETED: Verdict = { kind: 'stream-deleted' };

/** The optimistic concurrency rule of EventStoreDB 24.10, with its two strengths of idempotency. */
export function checkExpectedRevision(facts: StreamFacts, expected: number, ids: readonly string[]): Verdict {
  if (facts.tombstoned) return DELETED;
  if (expected === STREAM_EXISTS) {
    if (facts.softDeleted) return DELETED;
    if (facts.last < 0 && !facts.hasMetadata) return WRONG;
  }
  if (expected === ANY || expected === STREAM_EXISTS) return checkRecentIds(facts, ids);
  if (expected < facts.last) return checkStoredIds(facts, expected, ids);
  return expected > facts.last ? WRONG : OK;
}

function checkRecentIds(facts: StreamFacts, ids: readonly string[]): Verdict {
  let last: number | undefined;
  for (const [index, id] of ids.entries()) {
    const revision = facts.recentRevision(id);
    if (revision === undefined) return index === 0 ? OK : WRONG;
    last = revision;
  }
  return last === undefined ? OK : { kind: 'idempotent', last };
}

function checkStoredIds(facts: StreamFacts, expected: number, ids: readonly string[]): Verdict {
  const recreates = expected === NO_STREAM && facts.softDeleted ? OK : WRONG;
  if (ids.length === 0) return recreates;
  for (const [index, id] of ids.entries()) {
    if (facts.idAt(expected + 1 + index) !== id) return index === 0 ? recreates : WRONG;
  }
  return { kind: 'idempotent', last: expected + ids.length };
}
