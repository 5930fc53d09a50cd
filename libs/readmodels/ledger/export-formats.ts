import { accountOf, hledgerExport, type Journal } from '@tender/domain';
import type { ChainedJournal } from './ledger-entries';

/** csv: a row a line, for spreadsheets. jsonl: a journal a line, as it was hashed. hledger: for a second opinion. */
export const EXPORT_FORMATS = ['csv', 'jsonl', 'hledger'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Text in three steps, so that nothing has to hold it whole. Every text ends with the end of its line. */
export interface ExportWriter {
  head(): string;
  journal(chained: ChainedJournal): string;
  tail(): string;
  /** Rows of data so far: lines of journals, journals, or journals. */
  readonly rows: number;
}

export function exportWriter(format: ExportFormat, ledger: string): ExportWriter {
  switch (format) {
    case 'csv':
      return csvWriter();
    case 'jsonl':
      return jsonlWriter();
    case 'hledger':
      return hledgerWriter(ledger);
  }
}

const CSV_COLUMNS = [
  'seq',
  'journal',
  'line',
  'layer',
  'template',
  'effective_at',
  'recorded_at',
  'payment',
  'account',
  'account_name',
  'key',
  'currency',
  'debit',
  'credit',
  'psp',
  'stream',
  'revision',
  'event_id',
  'event_type',
  'reverses',
  'prev_hash',
  'hash',
] as const;

/** RFC 4180. Amounts are minor units; the side that a line is not on stays empty. */
function csvWriter(): ExportWriter {
  let rows = 0;
  return {
    head: () => csvRow(CSV_COLUMNS),
    journal: ({ journal, seq, prevHash, hash }) => {
      rows += journal.lines.length;
      return csvRows(journal, seq, [prevHash, hash]);
    },
    tail: () => '',
    get rows() {
      return rows;
    },
  };
}

function csvRows(journal: Journal, seq: bigint, hashes: readonly string[]): string {
  const { id, layer, template, effectiveAt, recordedAt, payment, source, reverses } = journal;
  const { stream, revision, eventId, eventType } = source;
  const before = [seq.toString(), id];
  const common = [layer, template, effectiveAt, recordedAt, payment ?? ''];
  const after = [stream, revision.toString(), eventId, eventType, reverses ?? '', ...hashes];
  return journal.lines
    .map(({ account, key, currency, side, amountMinor, psp }, index) => {
      const amount = amountMinor.toString();
      const sides = side === 'debit' ? [amount, ''] : ['', amount];
      const line = [account, accountOf(account)?.name ?? '', key, currency, ...sides, psp ?? ''];
      return csvRow([...before, String(index + 1), ...common, ...line, ...after]);
    })
    .join('');
}

const csvRow = (cells: readonly string[]): string => `${cells.map(csvCell).join(',')}\r\n`;

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function jsonlWriter(): ExportWriter {
  let rows = 0;
  return {
    head: () => '',
    journal: (chained) => {
      rows += 1;
      return `${JSON.stringify(jsonlOf(chained))}\n`;
    },
    tail: () => '',
    get rows() {
      return rows;
    },
  };
}

/** Everything that the hash was taken over, so that it can be taken again from this alone. */
const jsonlOf = ({ journal, seq, prevHash, hash }: ChainedJournal): object => ({
  seq: seq.toString(),
  id: journal.id,
  ledger: journal.ledger,
  layer: journal.layer,
  template: journal.template,
  effective_at: journal.effectiveAt,
  recorded_at: journal.recordedAt,
  payment: journal.payment,
  source: {
    stream: journal.source.stream,
    revision: journal.source.revision.toString(),
    event_id: journal.source.eventId,
    event_type: journal.source.eventType,
  },
  lines: journal.lines.map(({ account, key, currency, side, amountMinor, psp }) => ({
    account,
    key,
    currency,
    side,
    amount: amountMinor.toString(),
    psp,
  })),
  reverses: journal.reverses,
  prev_hash: prevHash,
  hash,
});

function hledgerWriter(ledger: string): ExportWriter {
  const book = hledgerExport(ledger);
  let rows = 0;
  return {
    head: () => textOf(book.head()),
    journal: ({ journal }) => {
      rows += 1;
      return textOf(book.journal(journal));
    },
    tail: () => textOf(book.tail()),
    get rows() {
      return rows;
    },
  };
}

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
