import type { Divergence, DivergenceKind } from '@tender/domain';
import type { Collection, Document, Filter } from 'mongodb';
import { definedFilter } from '../filters';
import type { JournalDocument } from '../ledger/journal-document';
import type { LedgerCollections } from '../ledger/ledger-collections';
import type { PostedBatch, StreamHead } from '../ledger/posting';
import type { StoredTotals } from '../ledger/totals';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { ClaimsAhead } from './claims-ahead';
import { differences } from './differences';

export const LEDGER = 'ledger';

export const ledgerDivergence = (
  kind: DivergenceKind,
  id: string,
  at: string | null,
  expected: string | null,
  found: string | null,
): Divergence => ({ where: LEDGER, kind, id, at, expected, found });

const missing = (id: string, at: string, expected: string): Divergence =>
  ledgerDivergence('missing', id, at, expected, null);

const different = (id: string, expected: unknown, found: unknown, place = ''): readonly Divergence[] =>
  differences(expected, found).map(({ path, ...values }) =>
    ledgerDivergence('different', id, `${place}${path}`, values.expected, values.found),
  );

/** By their numbers, since those have no gap: whatever stands at one is the journal, or is not. */
export async function comparedJournals(
  { journals }: LedgerCollections,
  { journals: expected }: PostedBatch,
): Promise<readonly Divergence[]> {
  const found: Divergence[] = [];
  for (let from = 0; from < expected.length; from += MAX_DOCUMENTS_PER_COMMAND) {
    const some = expected.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
    const seq = { $gte: some[0]?.seq, $lte: some.at(-1)?.seq };
    const documents = await journals
      .find(definedFilter({ seq }) as Filter<JournalDocument>, {
        sort: { seq: 1 },
        batchSize: some.length + 1,
      })
      .toArray();
    const stored = new Map(documents.map((document) => [document.seq, document]));
    for (const journal of some) found.push(...comparedJournal(journal, stored.get(journal.seq)));
  }
  return found;
}

function comparedJournal(
  expected: JournalDocument,
  found: JournalDocument | undefined,
): readonly Divergence[] {
  const place = `journal ${expected.seq}`;
  if (found === undefined) return [missing(expected._id, place, expected.template)];
  if (found._id !== expected._id)
    return [
      ledgerDivergence('extra', found._id, place, expected._id, found._id),
      missing(expected._id, place, expected.template),
    ];
  return different(expected._id, expected, found, `${place} `);
}

/**
 * Totals that stand where they were derived to. Those that later journals have changed are given back, as they are: what
 * they say has to come out when those journals are derived.
 */
export async function comparedTotals(
  { totals }: LedgerCollections,
  { totals: expected }: PostedBatch,
): Promise<{ readonly found: readonly Divergence[]; readonly ahead: ReadonlyMap<string, StoredTotals> }> {
  const found: Divergence[] = [];
  const ahead = new Map<string, StoredTotals>();
  const stored = await byId(totals, [...expected.keys()]);
  for (const [id, sums] of expected) {
    const document = stored.get(id);
    if (document === undefined) found.push(missing(id, 'totals', `${sums.debit}/${sums.credit}`));
    else if (typeof document.seq === 'bigint' && document.seq > sums.seq) ahead.set(id, document);
    else found.push(...different(id, { _id: id, ...sums }, document));
  }
  return { found, ahead };
}

/** How far the books have read each stream. One that stands behind has lost an event. */
export async function comparedStreams(
  { streams }: LedgerCollections,
  { streams: expected }: PostedBatch,
  ahead: ClaimsAhead,
): Promise<readonly Divergence[]> {
  const found: Divergence[] = [];
  const stored = await byId(streams, [...expected.keys()]);
  for (const [stream, head] of expected) {
    const document = stored.get(stream);
    ahead.reached(stream, head.revision);
    if (typeof document?.rev === 'bigint' && document.rev > head.revision)
      ahead.note({ id: stream, stream, revision: document.rev });
    found.push(...comparedStream(stream, head, document));
  }
  return found;
}

function comparedStream(
  stream: string,
  { revision, books }: StreamHead,
  document: { readonly rev: bigint } | undefined,
): readonly Divergence[] {
  if (document === undefined) return [missing(stream, 'stream head', `revision ${revision}`)];
  const { rev } = document;
  if (typeof rev === 'bigint' && rev > revision) return [];
  if (typeof rev === 'bigint' && rev < revision) {
    const next = `revision ${rev + 1n}`;
    return [ledgerDivergence('skipped_event', stream, next, `revision ${revision}`, `revision ${rev}`)];
  }
  const head = { _id: stream, rev: revision, ...(books === null ? {} : { books }) };
  return different(stream, head, document);
}

async function byId<Stored extends Document & { readonly _id: string }>(
  collection: Collection<Stored>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Stored>> {
  const found = new Map<string, Stored>();
  for (let from = 0; from < ids.length; from += MAX_DOCUMENTS_PER_COMMAND) {
    const some = ids.slice(from, from + MAX_DOCUMENTS_PER_COMMAND);
    const filter = definedFilter({ _id: { $in: some } }) as Filter<Stored>;
    const documents = await collection.find(filter, { batchSize: some.length + 1 }).toArray();
    for (const document of documents) found.set(document._id, document as unknown as Stored);
  }
  return found;
}
