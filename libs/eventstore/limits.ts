/** A payment lives in tens of events; a stream near this length is a loop that keeps appending. */
export const MAX_STREAM_EVENTS = 10_000;

export const MAX_EVENTS_PER_APPEND = 500;

/** EventStoreDB up to 24.10 refuses more in one append (`MaxAppendSize`, 1 MiB by default; newer servers allow more). */
export const MAX_APPEND_BYTES = 1_048_576;

/** Largest page of `readAll`, and so the bound on what one call holds in memory. */
export const MAX_PAGE_EVENTS = 10_000;

export const DEFAULT_BATCH_EVENTS = 256;

export const MAX_BATCH_EVENTS = 10_000;

/** Signed 64 bit: what PSPs, MongoDB's `long` and the ledger can hold. */
export const MAX_INT64 = 2n ** 63n - 1n;
export const MIN_INT64 = -(2n ** 63n);

/** Deeper data is not ours: events are flat, and recursion over them must be bounded. */
export const MAX_DATA_DEPTH = 32;

/** The most that one consumer of a group may hold unacknowledged. */
export const MAX_UNACKNOWLEDGED = 5_000;

/**
 * An event that is not acknowledged within this time goes to somebody, perhaps to somebody else, again, ms. Longer than
 * the longest deadline of a PSP call (120 s) and 30 s for recording what it said.
 */
export const GROUP_MESSAGE_TIMEOUT_MS = 180_000;
