/** The largest page of any list; the API offers no more (Stripe's lists stop at 100, too). */
export const MAX_PAGE_SIZE = 100;

/**
 * Documents read or written by one command. MongoDB takes 100,000 statements and 48 MB a message; long commands
 * hold up others on the same connection and make a repeat after a lost reply dear.
 */
export const MAX_DOCUMENTS_PER_COMMAND = 500;

/**
 * Payments whose state the projector keeps, about 2 KB each. A payment's events come within seconds of each other,
 * so ten seconds at 1,000 payments/s save nearly every read; forgetting one costs a read and nothing else.
 */
export const RECENT_PAYMENTS = 10_000;

/** How often one document is read again because somebody else wrote it between our read and our write. */
export const MAX_CONTENDED_WRITES = 10;

/**
 * Documents that one transaction of the ledger writes. MongoDB's manual advises at most 1,000: all of them are held in
 * memory until the commit.
 */
export const MAX_DOCUMENTS_PER_TRANSACTION = 1_000;

/** Totals that the ledger's projector keeps, about 300 bytes each: the hot accounts, and the keys of the last minutes. */
export const RECENT_TOTALS = 50_000;

/** Streams whose place the ledger's projector keeps, about 500 bytes each. */
export const RECENT_STREAM_HEADS = 20_000;

/** How long the server may work on one read of the ledger, ms: a question about one day reads up to that day's journals. */
export const LEDGER_READ_MS = 20_000;
