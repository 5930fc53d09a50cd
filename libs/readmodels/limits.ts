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
