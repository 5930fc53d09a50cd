import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { BookSums, type BookBalance, type BookJournal } from './book-sums';

/** The books of one merchant, as the API tells them; all of it up to the same journal. */
export interface ToldBooks {
  readonly seq: number;
  readonly sums: BookSums;
  readonly balances: readonly BookBalance[];
  /** When the first and the last journal were recorded, ms since the epoch. */
  readonly firstMs: number;
  readonly lastMs: number;
}

interface AccountsJson {
  readonly as_of_seq: number;
  readonly data: readonly {
    readonly number: string;
    readonly balances: readonly Omit<BookBalance, 'account'>[];
  }[];
}

/** Nothing comes any more when the books stand still for so long, ms. */
const STILL_FOR_MS = 1_500;
const LOOK_EVERY_MS = 250;
/** The books must have come to the end of the log this long after the load, ms. */
const CAUGHT_UP_WITHIN_MS = 120_000;

/** @param path below the API, with its query */
export type AskApi = (path: string) => Promise<Response>;

/** @throws where it answers anything but 200 */
export const apiOf =
  (apiUrl: string, apiKey: string): AskApi =>
  async (path) => {
    const reply = await fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${apiKey}` } });
    if (reply.status !== 200) throw new Error(`the API answers ${reply.status} to ${path}`);
    return reply;
  };

/** Reads all books once nothing is added to them any more. */
export async function readBooks(ask: AskApi): Promise<ToldBooks> {
  const { as_of_seq: seq, data } = await atTheEnd(
    async () => (await (await ask('/v1/ledger/accounts')).json()) as AccountsJson,
  );
  const journals = await readJournals(await ask(`/v1/ledger/export?format=jsonl&to_seq=${seq}`));
  const balances = data.flatMap(({ number, balances: some }) =>
    some.map((balance) => ({ ...balance, account: number })),
  );
  return { seq, balances, ...journals };
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

async function readJournals(reply: Response): Promise<Pick<ToldBooks, 'sums' | 'firstMs' | 'lastMs'>> {
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
