import { createHash } from 'node:crypto';
import type { Journal, JournalLine } from '@tender/domain';
import { chained, EXPORT_FORMATS, LedgerBooks, LedgerCannotAnswer } from '@tender/readmodels';
import type { ExportFormat, ExportRange } from '@tender/readmodels';
import { journalsOf, preparedProjector, seededLog } from './ledger-logs';
import type { OpenServer } from './open-server';

interface ExportedJournal {
  readonly seq: string;
  readonly id: string;
  readonly ledger: string;
  readonly layer: Journal['layer'];
  readonly template: string;
  readonly effective_at: string;
  readonly recorded_at: string;
  readonly payment: string | null;
  readonly source: {
    readonly stream: string;
    readonly revision: string;
    readonly event_id: string;
    readonly event_type: string;
  };
  readonly lines: readonly (Omit<JournalLine, 'amountMinor'> & { readonly amount: string })[];
  readonly reverses: string | null;
  readonly prev_hash: string;
  readonly hash: string;
}

/** What leaves the books has to be theirs, whole, and the same whenever it is asked for. */
export function ledgerExports(opened: () => OpenServer): void {
  describe('an export of the ledger', () => {
    let books: LedgerBooks;
    let journals: readonly (readonly [seq: bigint, journal: Journal])[];
    let range: ExportRange;
    beforeAll(async () => {
      const store = await opened().freshStore();
      const log = seededLog(41, 60);
      await (await preparedProjector(store)).apply(log);
      books = new LedgerBooks(store);
      journals = journalsOf(log)
        .map((journal, index) => [BigInt(index + 1), journal] as const)
        .filter(([, { ledger }]) => ledger === 'm');
      range = await books.exportRange({ ledger: 'm' });
    });

    const textOf = async (format: ExportFormat, of = range): Promise<string> => {
      let text = '';
      for await (const piece of books.exportText(of, format)) text += piece;
      return text;
    };

    it('as JSONL holds each journal of its ledger and no other, as it was hashed', async () => {
      const lines = (await textOf('jsonl')).trimEnd().split('\n');
      const exported = lines.map((line) => JSON.parse(line) as ExportedJournal);
      expect(exported.map(journalFrom)).toEqual(journals.map(([, journal]) => journal));
      for (const one of exported) {
        expect(chained(one.prev_hash, journalFrom(one), BigInt(one.seq))).toBe(one.hash);
      }
    });

    it('as CSV has a row a line, each with as many cells as the first', async () => {
      const [head = [], ...rows] = csvOf(await textOf('csv'));
      expect(rows.length).toBe(journals.reduce((sum, [, { lines }]) => sum + lines.length, 0));
      expect(new Set(rows.map((row) => row.length))).toEqual(new Set([head.length]));
      const cell = (row: readonly string[], name: string): string => row[head.indexOf(name)] ?? '';
      const sides = rows.map((row) => [cell(row, 'seq'), cell(row, 'debit'), cell(row, 'credit')]);
      expect(sides).toEqual(
        journals.flatMap(([seq, { lines }]) =>
          lines.map(({ side, amountMinor }) => {
            const amount = amountMinor.toString();
            return [seq.toString(), ...(side === 'debit' ? [amount, ''] : ['', amount])];
          }),
        ),
      );
    });

    it('for hledger names each journal', async () => {
      const text = await textOf('hledger');
      for (const [, { source }] of journals) expect(text).toContain(`source:${source.stream}`);
    });

    it('is described by a manifest: its bytes, its rows, and sums that balance', async () => {
      const manifest = await books.exportManifest(range);
      for (const format of EXPORT_FORMATS) {
        const text = await textOf(format);
        const sha256 = createHash('sha256').update(text).digest('hex');
        const bytes = BigInt(Buffer.byteLength(text));
        expect(manifest.files.find((file) => file.format === format)).toMatchObject({ sha256, bytes });
      }
      expect(manifest.journals).toBe(journals.length);
      expect(manifest.controlTotals.length).toBeGreaterThan(1);
      for (const { debit, credit } of manifest.controlTotals) expect(debit).toBe(credit);
    });

    it('of the same range is the same bytes after more was posted', async () => {
      const store = await opened().freshStore();
      const log = seededLog(41, 60);
      const projector = await preparedProjector(store);
      await projector.apply(log.slice(0, 200));
      const early = new LedgerBooks(store);
      const earlier = await early.exportRange({ ledger: 'm' });
      const before = await early.exportManifest(earlier);
      await projector.apply(log.slice(200));
      const { fromSeq, toSeq } = earlier;
      const again = await early.exportRange({ ledger: 'm', fromSeq, toSeq });
      expect(await early.exportManifest(again)).toEqual(before);
    });

    it('can be cut at any number, and its parts are the whole', async () => {
      const middle = range.toSeq / 2n;
      const first = await books.exportRange({ ledger: 'm', toSeq: middle });
      const second = await books.exportRange({ ledger: 'm', fromSeq: middle + 1n });
      expect((await textOf('jsonl', first)) + (await textOf('jsonl', second))).toBe(await textOf('jsonl'));
    });

    it('of what is not in the books is refused', async () => {
      const beyond = { ledger: 'm', toSeq: range.toSeq + 1n };
      await expect(books.exportRange(beyond)).rejects.toThrow(LedgerCannotAnswer);
      await expect(books.exportRange({ ledger: 'm', fromSeq: 0n })).rejects.toThrow(LedgerCannotAnswer);
      const backwards = { ledger: 'm', fromSeq: 7n, toSeq: 5n };
      await expect(books.exportRange(backwards)).rejects.toThrow(LedgerCannotAnswer);
      const none = await books.exportRange({ ledger: 'nobody' });
      expect(await textOf('jsonl', none)).toBe('');
    });
  });
}

const journalFrom = (one: ExportedJournal): Journal => ({
  id: one.id,
  ledger: one.ledger,
  layer: one.layer,
  template: one.template,
  effectiveAt: one.effective_at,
  recordedAt: one.recorded_at,
  payment: one.payment,
  source: {
    stream: one.source.stream,
    revision: BigInt(one.source.revision),
    eventId: one.source.event_id,
    eventType: one.source.event_type,
  },
  lines: one.lines.map(({ amount, ...line }) => ({ ...line, amountMinor: BigInt(amount) })),
  reverses: one.reverses,
});

/** RFC 4180, as far as the export writes it. */
function csvOf(text: string): readonly (readonly string[])[] {
  const rows = text.split('\r\n').slice(0, -1);
  return rows.map((row) =>
    [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
      ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
    ),
  );
}
