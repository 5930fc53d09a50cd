import { createHash, type Hash } from 'node:crypto';
import { GENESIS_HASH, type Layer } from '@tender/domain';
import { LedgerCannotAnswer, MalformedDocument } from '../failures';
import { definedFilter } from '../filters';
import { MAX_DOCUMENTS_PER_COMMAND } from '../limits';
import type { ExportFormat, ExportWriter } from './export-formats';
import { EXPORT_FORMATS, exportWriter } from './export-formats';
import type { LedgerCollections } from './ledger-collections';
import type { ChainedJournal } from './ledger-entries';
import { chainedJournalOf } from './ledger-entries';
import { storedHead } from './ledger-state';
import { added, NOTHING, type Totals } from './totals';

/** Journals of one ledger by their numbers, both ends included. They never change, and neither does an export. */
export interface ExportRange {
  readonly ledger: string;
  readonly fromSeq: bigint;
  readonly toSeq: bigint;
  /** Of the journal `toSeq`, whosever it is: it commits to all books up to there. */
  readonly headHash: string;
}

/** @throws LedgerCannotAnswer for a range that is not in the books */
export async function exportRange(
  collections: LedgerCollections,
  asked: { readonly ledger: string; readonly fromSeq?: bigint; readonly toSeq?: bigint },
): Promise<ExportRange> {
  const head = await storedHead(collections);
  const { ledger, fromSeq = 1n, toSeq = head.seq } = asked;
  if (fromSeq < 1n) throw new LedgerCannotAnswer('fromSeq', 'begins at 1');
  if (toSeq > head.seq)
    throw new LedgerCannotAnswer('toSeq', `is beyond the books, which have come to ${head.seq}`);
  // one before its beginning: the range without a journal, which the books of the first day are
  if (fromSeq > toSeq + 1n) throw new LedgerCannotAnswer('fromSeq', 'must not be after the end of the range');
  return { ledger, fromSeq, toSeq, headHash: await hashAt(collections, toSeq) };
}

async function hashAt({ journals }: LedgerCollections, seq: bigint): Promise<string> {
  if (seq === 0n) return GENESIS_HASH;
  const found = await journals.findOne(definedFilter({ seq }), { projection: { hash: 1 } });
  if (found === null) throw new MalformedDocument(`journal ${seq}`, 'it is not there');
  return found.hash;
}

/** In their order, page by page as they are asked for. */
export async function* journalsIn(
  { journals }: LedgerCollections,
  { ledger, fromSeq, toSeq }: ExportRange,
): AsyncGenerator<ChainedJournal> {
  const filter = definedFilter({ ledger, seq: { $gte: fromSeq, $lte: toSeq } });
  const found = journals.find(filter, {
    sort: { seq: 1 },
    batchSize: MAX_DOCUMENTS_PER_COMMAND,
    hint: 'by_ledger',
  });
  for await (const document of found) yield chainedJournalOf(document);
}

/** The text of an export, in pieces. The same range gives the same bytes, whenever and wherever it is asked for. */
export async function* exportText(
  collections: LedgerCollections,
  range: ExportRange,
  format: ExportFormat,
): AsyncGenerator<string> {
  const writer = exportWriter(format, range.ledger);
  let piece = writer.head();
  for await (const chained of journalsIn(collections, range)) {
    piece += writer.journal(chained);
    if (piece.length < EXPORT_PIECE_CHARACTERS) continue;
    yield piece;
    piece = '';
  }
  yield piece + writer.tail();
}

/** One write to a socket; much smaller ones cost more than the text itself. */
const EXPORT_PIECE_CHARACTERS = 64 * 1024;

export interface ExportedFile {
  readonly format: ExportFormat;
  readonly rows: number;
  readonly bytes: bigint;
  /** Of the whole text in UTF-8, hex. */
  readonly sha256: string;
}

export interface ControlTotal extends Totals {
  readonly layer: Layer;
  readonly currency: string;
}

export interface ExportManifest extends ExportRange {
  readonly journals: number;
  readonly controlTotals: readonly ControlTotal[];
  readonly files: readonly ExportedFile[];
}

/** What the files of a range are: whoever got one by whatever way can tell whether it is whole and ours. */
export async function exportManifest(
  collections: LedgerCollections,
  range: ExportRange,
): Promise<ExportManifest> {
  const files = EXPORT_FORMATS.map((format) => new HashedFile(format, exportWriter(format, range.ledger)));
  const totals = new Map<string, ControlTotal>();
  let journals = 0;
  for await (const chained of journalsIn(collections, range)) {
    journals += 1;
    for (const file of files) file.add(chained);
    count(totals, chained);
  }
  return {
    ...range,
    journals,
    controlTotals: [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total),
    files: files.map((file) => file.end()),
  };
}

function count(totals: Map<string, ControlTotal>, { journal: { layer, lines } }: ChainedJournal): void {
  for (const line of lines) {
    const { currency } = line;
    const id = `${layer} ${currency}`;
    totals.set(id, { layer, currency, ...added(totals.get(id) ?? NOTHING, line) });
  }
}

class HashedFile {
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0n;

  constructor(
    private readonly format: ExportFormat,
    private readonly writer: ExportWriter,
  ) {
    this.#take(writer.head());
  }

  add(chained: ChainedJournal): void {
    this.#take(this.writer.journal(chained));
  }

  end(): ExportedFile {
    this.#take(this.writer.tail());
    return {
      format: this.format,
      rows: this.writer.rows,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    };
  }

  #take(text: string): void {
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    this.#bytes += BigInt(bytes.length);
  }
}
