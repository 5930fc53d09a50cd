import type { ClientSession, Filter } from 'mongodb';
import { definedFilter } from '../filters';
import { LEDGER_READ_MS } from '../limits';
import type { JournalDocument, LineDocument } from './journal-document';
import type { LedgerCollections } from './ledger-collections';
import { lastRecordedBy } from './ledger-moment';
import { readStoredTotals } from './ledger-state';
import type { LedgerHead } from './posting';
import type { LineAccount, Totals } from './totals';
import { added, dayOf, dayTotalsId, idsUnder, NOTHING } from './totals';

export interface BothTimes {
  readonly ledger: string;
  /** Lines that were effective later do not count. */
  readonly effectiveAt: Date;
  /** Nor do lines of journals with a greater number. */
  readonly seq: bigint;
}

const ONE_MS = 1;
const DAY_MS = 24 * 60 * 60_000;

/**
 * Totals of accounts by both times: effective by then, and known by then.
 *
 * Whole days come from the totals by day of effect and day of record. What is left are the journals of two single days,
 * that of `effectiveAt` and that of the journal `seq`; each is read only as far as it counts.
 */
export async function effectiveTotals(
  collections: LedgerCollections,
  head: LedgerHead,
  accounts: readonly LineAccount[],
  { ledger, effectiveAt, seq }: BothTimes,
  session: ClientSession,
): Promise<ReadonlyMap<string, Totals>> {
  const before = new Date(effectiveAt.getTime() + ONE_MS);
  const day = new Date(Math.floor(before.getTime() / DAY_MS) * DAY_MS);
  const present = seq === head.seq;
  const recordedDay = present ? undefined : await dayOfRecord(collections, seq, session);
  const sums = new Map<string, Totals>();
  for (const account of accounts) {
    const days = await wholeDays(collections, ledger, account, dayOf(day), recordedDay, session);
    sums.set(nameOf(account), days);
  }
  if (day < before) {
    const filter = { ledger, effectiveAt: { $gte: day, $lt: before } };
    await addJournals(collections, filter, 'by_effective', { seq, sums, session });
  }
  if (recordedDay !== undefined) {
    const earlier = await lastRecordedBy(collections, { seq }, (time) => dayOf(time) < recordedDay, session);
    const filter = { ledger, seq: { $gt: earlier, $lte: seq }, effectiveAt: { $lt: day } };
    await addJournals(collections, filter, 'by_ledger', { seq, sums, session });
  }
  return sums;
}

export const nameOf = ({ account, currency }: LineAccount): string => `${account} ${currency}`;

/** The day before which every journal that was recorded has a smaller number. */
async function dayOfRecord(
  { journals }: LedgerCollections,
  seq: bigint,
  session: ClientSession,
): Promise<string> {
  const found = await journals.findOne(definedFilter({ seq }), { session, projection: { recordedUpTo: 1 } });
  return dayOf(found?.recordedUpTo ?? new Date(0));
}

async function wholeDays(
  { totals }: LedgerCollections,
  ledger: string,
  account: LineAccount,
  beforeEffective: string,
  beforeRecorded: string | undefined,
  session: ClientSession,
): Promise<Totals> {
  const from = dayTotalsId(ledger, account, { effective: '', recorded: '' }).slice(0, -1);
  const filter = definedFilter({ _id: { ...idsUnder(from), $lt: `${from}${beforeEffective}` } });
  let sum = NOTHING;
  for await (const document of totals.find(filter, { session, maxTimeMS: LEDGER_READ_MS })) {
    const recorded = document._id.slice(document._id.lastIndexOf('|') + 1);
    if (beforeRecorded !== undefined && recorded >= beforeRecorded) continue;
    const { debit, credit } = readStoredTotals(document);
    sum = { debit: sum.debit + debit, credit: sum.credit + credit };
  }
  return sum;
}

/** @param hint the index whose range is a day: a planner may take the one whose range is all that is earlier */
async function addJournals(
  { journals }: LedgerCollections,
  filter: Filter<JournalDocument>,
  hint: 'by_effective' | 'by_ledger',
  into: { readonly seq: bigint; readonly sums: Map<string, Totals>; readonly session: ClientSession },
): Promise<void> {
  const found = journals.find(definedFilter(filter), {
    session: into.session,
    maxTimeMS: LEDGER_READ_MS,
    projection: { seq: 1, lines: 1 },
    hint,
  });
  for await (const { seq, lines } of found)
    if (seq <= into.seq) for (const line of lines) addLine(into.sums, line);
}

function addLine(sums: Map<string, Totals>, line: LineDocument): void {
  const name = nameOf(line);
  const sum = sums.get(name);
  // an account of another currency or layer was not asked for
  if (sum !== undefined) sums.set(name, added(sum, line));
}
