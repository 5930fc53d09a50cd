/** Every bound of the HTTP face, each with a test at its edge. Characters are Unicode code points. */

export const MAX_BODY_BYTES = 64 * 1024;
/**
 * Of what a PSP tells us. Stripe's events of a dispute hold all the evidence that was handed in, up to 150,000 characters of it
 * (Stripe docs, "Update a dispute"), which JSON may write with six bytes each. What is refused for its size would be lost.
 */
export const MAX_WEBHOOK_BODY_BYTES = 1024 * 1024;
export const MAX_HEADER_BYTES = 16 * 1024;
/** The router answers longer path parameters itself; our longest id has 36 characters. */
export const MAX_PATH_PARAMETER_CHARACTERS = 200;

/** Upper bound of an amount unless the configuration says otherwise, minor units. */
export const DEFAULT_MAX_AMOUNT_MINOR = 99_999_999;
export const MIN_AMOUNT_MINOR = 1;

/** Every payment may have to look at all of them. */
export const MAX_ROUTING_RULES = 100;
export const MAX_ROUTING_WEIGHT = 1_000_000;

export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 255;
export const MAX_TOKEN_CHARACTERS = 255;
export const MAX_CUSTOMER_ID_CHARACTERS = 255;
export const MAX_DESCRIPTION_CHARACTERS = 500;
/** What fits on a card statement at every scheme; Stripe and Adyen both stop here. */
export const MAX_STATEMENT_DESCRIPTOR_CHARACTERS = 22;
export const MAX_RETURN_URL_CHARACTERS = 2_048;
export const MAX_METADATA_KEYS = 50;
export const MAX_METADATA_KEY_CHARACTERS = 40;
export const MAX_METADATA_VALUE_CHARACTERS = 500;

/** Of one value that a browser brings back from a PSP's page; Adyen's is about 1 KB, and a URL fits 16 KiB. */
export const MAX_ACTION_RESULT_CHARACTERS = 8_192;
export const MAX_CANCEL_REASON_CHARACTERS = 255;
export const MAX_REFUND_REASON_CHARACTERS = 255;

/** Failing fields named in one answer; a body can hold thousands of unknown ones. */
export const MAX_FIELDS_NAMED = 50;
/** An unknown field's name is repeated to the caller up to here. */
export const MAX_FIELD_NAME_CHARACTERS = 100;

/** `Prefer: wait`, seconds. */
export const DEFAULT_WAIT_S = 10;
export const MAX_WAIT_S = 30;
/** After a refund has succeeded, for its payment to say so, too; the answer does not depend on it, ms. */
export const SETTLED_WITH_ANSWER_WAIT_MS = 1_000;
/** A caller who does not want to wait for a PSP still wants to know whether the command was recorded, ms. */
export const MIN_COMMAND_WAIT_MS = 3_000;

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;
/** Events of one payment in one answer, about 1 KB each: a whole story, unless something kept appending. */
export const MAX_EVENTS_PAGE_SIZE = 500;
export const MAX_CURSOR_CHARACTERS = 1_000;
/** Ids of ours and of PSPs; the longest of ours has 38. */
export const MAX_LEDGER_KEY_CHARACTERS = 255;

export const DEFAULT_REQUESTS_PER_SECOND = 2_000;
export const DEFAULT_REQUESTS_IN_FLIGHT = 2_000;
export const MAX_API_KEY_CHARACTERS = 256;

/**
 * For each open route and process. Who floods one from outside delays what a PSP tells us there, and nothing more: the
 * PSP sends it again, and the search for evidence does without. Limits by address belong to the network's edge. As many in
 * flight as their bodies, all of the greatest size (`MAX_WEBHOOK_BODY_BYTES`), hold half a gigabyte.
 */
export const OPEN_ROUTE_LIMITS = { requestsPerSecond: 5_000, requestsInFlight: 500 } as const;

/** For the store to confirm that a buyer is back: a browser shows nothing meanwhile, ms. */
export const RETURN_COMMAND_WAIT_MS = 5_000;

/** How far the time in a signature may be from ours, in both directions, ms. */
export const WEBHOOK_TOLERANCE_MS = 5 * 60_000;
/** For the store to confirm a notice: well under the 10 s after which Adyen gives up, ms. */
export const WEBHOOK_STORE_WAIT_MS = 5_000;

/** Payments whose last answered revision this process remembers. */
export const ANSWERED_REVISIONS_KEPT = 100_000;

/** What a caller is told to wait where nothing better is known, seconds. */
export const RETRY_AFTER_S = 1;

/** Time for a client to send a whole request, ms. */
export const REQUEST_TIMEOUT_MS = 15_000;
/** Above the usual 60 s of load balancers, so that they close idle connections and we never race them, ms. */
export const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Between SIGTERM and the end of the last request in flight, ms; waits for outcomes end at once. */
export const DEFAULT_DRAIN_TIMEOUT_MS = 3_000;
/** One readiness check may take this long, ms. */
export const READINESS_CHECK_TIMEOUT_MS = 2_000;
