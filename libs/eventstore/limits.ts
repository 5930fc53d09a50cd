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
