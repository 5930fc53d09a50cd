import type { Filter } from 'mongodb';
import { definedFilter } from '../filters';
import type { JournalDocument, LineDocument } from '../ledger/journal-document';
import { readTotals } from '../ledger/journal-document';
import type { LedgerCollections } from '../ledger/ledger-collections';
import type { Totals } from '../ledger/totals';
import { added, dayOf, NOTHING } from '../ledger/totals';

const DAY_MS = 24 * 60 * 60_000;

/** Totals as journals up to a number make them: of an account, of a key, or of a day. Nothing where there is none. */
export async function totalsUpTo(collections: LedgerCollections, id: string, seq: bigint): Promise<Totals> {
  const [kind = '', ledger = '', currency = '', account = '', ...rest] = id.split('|');
  const accountCurrency = `${account} ${currency}`;
  switch (kind) {
    case 'account': {
      const line = await lastLine(
        collections,
        { ledger, 'lines.accountCurrency': accountCurrency },
        seq,
        (one) => one.accountCurrency === accountCurrency,
      );
      return line === undefined ? NOTHING : readTotals(line.accountTotals, id);
    }
    case 'key': {
      // a key may hold the bar that divides the parts
      const key = rest.join('|');
      const isIt = (one: LineDocument): boolean => one.key === key && one.accountCurrency === accountCurrency;
      const filter = { ledger, 'lines.key': key };
      const line = await lastLine(collections, filter, seq, isIt);
      return line === undefined ? NOTHING : readTotals(line.keyTotals, id);
    }
    default: {
      const [effective = '', recorded = ''] = rest;
      return dayTotals(collections, { ledger, accountCurrency, effective, recorded, seq });
    }
  }
}

async function lastLine(
  { journals }: LedgerCollections,
  filter: Filter<JournalDocument>,
  seq: bigint,
  isIt: (line: LineDocument) => boolean,
): Promise<LineDocument | undefined> {
  const latestFirst = journals.find(definedFilter({ ...filter, seq: { $lte: seq } }), { sort: { seq: -1 } });
  // a key may stand in several accounts: then the latest journals need not be of this one
  for await (const { lines } of latestFirst) {
    const line = lines.filter(isIt).at(-1);
    if (line !== undefined) return line;
  }
  return undefined;
}

async function dayTotals(
  { journals }: LedgerCollections,
  of: {
    readonly ledger: string;
    readonly accountCurrency: string;
    readonly effective: string;
    readonly recorded: string;
    readonly seq: bigint;
  },
): Promise<Totals> {
  const day = new Date(of.effective);
  if (Number.isNaN(day.getTime())) return NOTHING;
  const effectiveAt = { $gte: day, $lt: new Date(day.getTime() + DAY_MS) };
  const found = journals.find(definedFilter({ ledger: of.ledger, effectiveAt }), {
    projection: { seq: 1, lines: 1, recordedUpTo: 1 },
  });
  let totals = NOTHING;
  for await (const { seq, lines, recordedUpTo } of found) {
    if (seq > of.seq || dayOf(recordedUpTo) !== of.recorded) continue;
    for (const line of lines) if (line.accountCurrency === of.accountCurrency) totals = added(totals, line);
  }
  return totals;
}
