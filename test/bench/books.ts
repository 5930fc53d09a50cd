import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Charge, Violation } from './audit';
import { auditBooks, BookSums, type BookBalance, type BookJournal } from './books-audit';

/** What a run left in the books. */
export interface BooksFigures {
  readonly journals: number;
  /** From the record of the first to that of the last. */
  readonly journalsPerS: number;
  /** From the record of an event to its journal in the books, of the latest journals; undefined where nobody tells. */
  readonly lagP50Ms: number | undefined;
  readonly lagP99Ms: number | undefined;
  readonly violations: readonly Violation[];
}

interface AccountsJson {
  readonly as_of_seq: number;
  readonly data: readonly {
    readonly number: string;
    readonly balances: readonly Omit<BookBalance, 'account'>[];
  }[];
}

interface ReadinessJson {
  readonly checks: { readonly ledger?: { readonly lag_p50_ms?: number; readonly lag_p99_ms?: number } };
}

/** Nothing comes any more when the books stand still for so long, ms. */
const STILL_FOR_MS = 1_500;
const LOOK_EVERY_MS = 250;
/** The books must have come to the end of the log this long after the load, ms. */
const CAUGHT_UP_WITHIN_MS = 120_000;
const MS_PER_S = 1_000;

/** Reads all books of the bench's merchant once everything has ended, and holds them against the PSP's memory. */
export async function checkBooks(options: {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly charges: readonly Charge[];
  readonly onlyOurs: boolean;
}): Promise<BooksFigures> {
  const { apiUrl, apiKey, charges, onlyOurs } = options;
  const headers = { authorization: `Bearer ${apiKey}` };
  const ask = async (path: string): Promise<Response> => {
    const reply = await fetch(`${apiUrl}${path}`, { headers });
    if (reply.status !== 200) throw new Error(`the API answers ${reply.status} to ${path}`);
    return reply;
  };
  const { as_of_seq: seq, data } = await atTheEnd(
    async () => (await (await ask('/v1/ledger/accounts')).json()) as AccountsJson,
  );
  const { sums, firstMs, lastMs } = await readJournals(
    await ask(`/v1/ledger/export?format=jsonl&to_seq=${seq}`),
  );
  const balances = data.flatMap(({ number, balances: some }) =>
    some.map((balance) => ({ ...balance, account: number })),
  );
  const { checks } = (await (await ask('/health/ready')).json()) as ReadinessJson;
  return {
    journals: sums.journals,
    journalsPerS: (sums.journals * MS_PER_S) / Math.max(1, lastMs - firstMs),
    lagP50Ms: checks.ledger?.lag_p50_ms,
    lagP99Ms: checks.ledger?.lag_p99_ms,
    violations: auditBooks({ sums, balances, charges, onlyOurs }),
  };
}

async function atTheEnd(look: () => Promise<AccountsJson>): Promise<AccountsJson> {
  const deadline = performance.now() + CAUGHT_UP_WITHIN_MS;
  let last = await look();
  let stillSince = performance.now();
  for (;;) {
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    const next = await look();
    const now = performance.now();
    if (next.as_of_seq !== last.as_of_seq) stillSince = now;
    last = next;
    if (now - stillSince >= STILL_FOR_MS || now > deadline) return last;
  }
}

async function readJournals(
  reply: Response,
): Promise<{ readonly sums: BookSums; readonly firstMs: number; readonly lastMs: number }> {
  if (reply.body === null) throw new Error('an export has a body');
  const sums = new BookSums();
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, 0];
  const body = Readable.fromWeb(reply.body);
  for await (const line of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
    const journal = JSON.parse(line) as BookJournal & { readonly recorded_at: string };
    const atMs = Date.parse(journal.recorded_at);
    [firstMs, lastMs] = [Math.min(firstMs, atMs), Math.max(lastMs, atMs)];
    sums.add(journal);
  }
  return { sums, firstMs: Math.min(firstMs, lastMs), lastMs };
}
