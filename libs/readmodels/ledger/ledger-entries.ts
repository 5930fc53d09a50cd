import type { Journal, PspName, Side } from '@tender/domain';
import { InvalidCursor } from '../failures';
import { definedFilter } from '../filters';
import { LEDGER_READ_MS, MAX_PAGE_SIZE } from '../limits';
import type { JournalDocument, LineDocument } from './journal-document';
import { accountCurrencyOf, fromJournalDocument, readTotals } from './journal-document';
import type { LedgerCollections } from './ledger-collections';
import { decodeEntriesCursor, encodeEntriesCursor } from './entries-cursor';
import type { Totals } from './totals';

export interface EntriesQuery {
  readonly ledger: string;
  readonly account: string;
  readonly currency: string;
  /** Of one key only; its totals are then those of the key. */
  readonly key?: string;
  /** 1 to `MAX_PAGE_SIZE`. */
  readonly limit: number;
  readonly cursor?: string;
}

/** One line of an account, with the totals that held after it. */
export interface LedgerEntry {
  readonly seq: bigint;
  readonly journal: string;
  readonly template: string;
  readonly effectiveAt: string;
  readonly recordedAt: string;
  readonly payment: string | null;
  readonly key: string;
  readonly currency: string;
  readonly psp: PspName | null;
  readonly side: Side;
  readonly amountMinor: bigint;
  /** Of the account, or of the key where one was asked for. */
  readonly totals: Totals;
}

export interface EntriesPage {
  readonly asOfSeq: bigint;
  readonly items: readonly LedgerEntry[];
  readonly next: string | undefined;
}

/**
 * Newest first. All pages of a list are of the moment of the first: lines that were posted meanwhile stay out.
 * @throws InvalidCursor
 * @throws RangeError for a limit outside 1 to `MAX_PAGE_SIZE`
 */
export async function readEntries(
  { journals }: LedgerCollections,
  headSeq: bigint,
  { ledger, key, limit, cursor, ...account }: EntriesQuery,
): Promise<EntriesPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE)
    throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} entries, not ${limit}`);
  const place = cursor === undefined ? undefined : decodeEntriesCursor(cursor);
  const asOfSeq = place?.asOfSeq ?? headSeq;
  if (asOfSeq > headSeq) throw new InvalidCursor();
  const name = accountCurrencyOf(account);
  const filter = definedFilter({
    ledger,
    ...(key === undefined ? {} : { 'lines.key': key }),
    'lines.accountCurrency': name,
    seq: { $lte: place?.seq ?? asOfSeq },
  });
  const found = journals.find(filter, {
    sort: { seq: -1 },
    batchSize: limit + 1,
    maxTimeMS: LEDGER_READ_MS,
    // a key has few lines where its account has millions, which no planner can know
    hint: key === undefined ? 'by_account' : 'by_key',
  });
  const items: { entry: LedgerEntry; line: number }[] = [];
  for await (const document of found) {
    for (const [line, one] of [...document.lines.entries()].reverse()) {
      if (one.accountCurrency !== name || (key !== undefined && one.key !== key)) continue;
      if (document.seq === place?.seq && line >= place.line) continue;
      items.push({ entry: entryOf(document, one, key !== undefined), line });
    }
    if (items.length > limit) break;
  }
  const page = items.slice(0, limit);
  const last = page.at(-1);
  const more = items.length > limit && last !== undefined;
  return {
    asOfSeq,
    items: page.map(({ entry }) => entry),
    next: more ? encodeEntriesCursor({ asOfSeq, seq: last.entry.seq, line: last.line }) : undefined,
  };
}

function entryOf(document: JournalDocument, line: LineDocument, byKey: boolean): LedgerEntry {
  const { id, template, effectiveAt, recordedAt, payment } = fromJournalDocument(document);
  const { key, currency, psp, side, amountMinor } = line;
  return {
    seq: document.seq,
    journal: id,
    template,
    effectiveAt,
    recordedAt,
    payment,
    key,
    currency,
    psp,
    side,
    amountMinor,
    totals: readTotals(byKey ? line.keyTotals : line.accountTotals, id),
  };
}

/** A journal with its place in the chain. */
export interface ChainedJournal {
  readonly journal: Journal;
  readonly seq: bigint;
  readonly prevHash: string;
  readonly hash: string;
}

export const chainedJournalOf = (document: JournalDocument): ChainedJournal => ({
  journal: fromJournalDocument(document),
  seq: document.seq,
  prevHash: document.prevHash,
  hash: document.hash,
});

/** All of one payment's, in their order; a payment's stream is short, and so is its share of the books. */
export async function readJournalsOfPayment(
  { journals }: LedgerCollections,
  ledger: string,
  payment: string,
  upTo: bigint,
): Promise<readonly ChainedJournal[]> {
  const filter = definedFilter({ payment, seq: { $lte: upTo } });
  const found = await journals.find(filter, { sort: { seq: 1 }, maxTimeMS: LEDGER_READ_MS }).toArray();
  return found.filter((document) => document.ledger === ledger).map(chainedJournalOf);
}
