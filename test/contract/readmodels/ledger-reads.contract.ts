import { accountOf, type Journal, type JournalLine, layerOf } from '@tender/domain';
import type {
  EntriesPage,
  LedgerEvent,
  ReadStore,
  TrialBalance,
  TrialBalanceQuery,
} from '@tender/readmodels';
import { InvalidCursor, LedgerBooks, LedgerCannotAnswer, LedgerNotPrepared } from '@tender/readmodels';
import { chanceOf } from './histories';
import { journalsOf, MERCHANTS, preparedProjector, seededLog } from './ledger-logs';
import type { OpenServer } from './open-server';

interface Posted {
  readonly store: ReadStore;
  readonly books: LedgerBooks;
  readonly log: readonly LedgerEvent[];
  readonly journals: readonly Journal[];
}

/** What the books answer, against sums over the journals of the same log. */
export function ledgerReads(opened: () => OpenServer): void {
  describe('a question to the ledger', () => {
    let posted: Posted;
    beforeAll(async () => {
      const store = await opened().freshStore();
      const log = seededLog(31, 60);
      const projector = await preparedProjector(store);
      // days of effect and of record lie in several batches
      for (let from = 0; from < log.length; from += 70) await projector.apply(log.slice(from, from + 70));
      posted = { store, books: new LedgerBooks(store), log, journals: journalsOf(log) };
    });

    const summed = (
      { ledger, layer, currency = 'USD' }: TrialBalanceQuery,
      counts: (journal: Journal, seq: bigint) => boolean,
    ) => {
      const accounts = new Map<string, { debit: bigint; credit: bigint }>();
      for (const [index, journal] of posted.journals.entries()) {
        if (journal.ledger !== ledger || journal.layer !== layer) continue;
        if (!counts(journal, BigInt(index + 1))) continue;
        for (const line of journal.lines) {
          if (line.currency !== currency) continue;
          const sum = accounts.get(line.account) ?? { debit: 0n, credit: 0n };
          sum[line.side] += line.amountMinor;
          accounts.set(line.account, sum);
        }
      }
      return [...accounts].map(([account, sum]) => ({ account, currency, ...sum })).sort(byAccount);
    };

    const asked = async (query: TrialBalanceQuery): Promise<TrialBalance> => {
      const found = await posted.books.trialBalance(query);
      expect(found.debit).toBe(found.credit);
      expect(found.debit).toBe(found.accounts.reduce((sum, { debit }) => sum + debit, 0n));
      return found;
    };

    const queries: TrialBalanceQuery[] = MERCHANTS.flatMap((ledger) =>
      (['posted', 'memo'] as const).flatMap((layer) =>
        ['USD', 'EUR'].map((currency) => ({ ledger, layer, currency })),
      ),
    );

    it('about the present adds up every line of its ledger, layer and currency, and no other', async () => {
      for (const query of queries) {
        const { accounts, asOfSeq } = await asked(query);
        expect(asOfSeq).toBe(BigInt(posted.journals.length));
        expect(accounts).toEqual(summed(query, () => true));
        for (const { account } of accounts) {
          const known = accountOf(account);
          expect(known && layerOf(known)).toBe(query.layer);
        }
      }
    });

    it('about any number is answered as it was then', async () => {
      const last = BigInt(posted.journals.length);
      for (const query of queries) {
        for (const seq of [0n, 1n, 7n, last / 2n, last - 1n, last]) {
          const { accounts, asOfSeq } = await asked({ ...query, asOf: { seq } });
          expect(asOfSeq).toBe(seq);
          expect(accounts).toEqual(summed(query, (_, its) => its <= seq));
        }
      }
    });

    it('about a time is answered up to the last journal before anything later was recorded', async () => {
      const [query] = queries;
      if (query === undefined) throw new Error('there are queries');
      for (const event of posted.log.slice(5, -1).filter((_, index) => index % 20 === 0)) {
        const time = new Date(event.metadata.recordedAt);
        const { accounts, asOfSeq } = await asked({ ...query, asOf: { time } });
        const upTo = lastRecordedBy(posted, time);
        expect(asOfSeq).toBe(upTo);
        expect(accounts).toEqual(summed(query, (_, seq) => seq <= upTo));
      }
    });

    it('about both times counts what was effective by the one and known by the other', async () => {
      const chance = chanceOf(5);
      const days = posted.journals.map(({ effectiveAt }) => Date.parse(effectiveAt));
      for (let round = 0; round < 60; round += 1) {
        const query = queries[round % queries.length];
        const some = days[Math.floor(chance() * days.length)] ?? 0;
        // to the millisecond, somewhere in a day, and at the end of one
        const effectiveAt = [new Date(some), new Date(some + 5_000_000), endOfDay(some)][round % 3];
        const seq = round % 2 === 0 ? undefined : BigInt(Math.floor(chance() * posted.journals.length));
        if (query === undefined || effectiveAt === undefined) throw new Error('there are queries');
        const asOf = seq === undefined ? {} : { asOf: { seq } };
        const { accounts } = await asked({ ...query, ...asOf, effectiveAt });
        const upTo = seq ?? BigInt(posted.journals.length);
        const counts = ({ effectiveAt: at }: Journal, its: bigint) =>
          its <= upTo && Date.parse(at) <= effectiveAt.getTime();
        expect(accounts).toEqual(summed(query, counts));
      }
    });

    it('that the books cannot answer is refused: beyond their end, or in no currency', async () => {
      const { books, log, journals } = posted;
      const present: TrialBalanceQuery = { ledger: 'm', layer: 'posted', currency: 'USD' };
      const ends = Math.max(...log.map(({ metadata }) => Date.parse(metadata.recordedAt)));
      const beyond = [{ seq: BigInt(journals.length) + 1n }, { time: new Date(ends) }];
      for (const asOf of beyond) {
        const refused = books.trialBalance({ ...present, asOf });
        await expect(refused).rejects.toMatchObject({ name: 'LedgerCannotAnswer', field: 'asOf' });
      }
      await books.trialBalance({ ...present, asOf: { time: new Date(ends - 1) } });
      const noCurrency = { ledger: 'm', layer: 'posted' } as const;
      await expect(books.trialBalance(noCurrency)).rejects.toThrow(/EUR, USD/);
      await expect(books.trialBalance({ ...noCurrency, ledger: 'nobody' })).rejects.toThrow(
        LedgerCannotAnswer,
      );
      const unread = new LedgerBooks(await opened().freshStore());
      await expect(unread.trialBalance(present)).rejects.toThrow(LedgerNotPrepared);
    });

    it('in the one currency of its books needs to name none', async () => {
      const store = await opened().freshStore();
      const log = seededLog(31, 60);
      const first = log.findIndex((_, index) => journalsOf(log.slice(0, index + 1)).length > 0);
      await (await preparedProjector(store)).apply(log.slice(0, first + 1));
      const [journal] = journalsOf(log);
      const [line] = journal?.lines ?? [];
      if (journal === undefined || line === undefined) throw new Error('something is posted');
      const books = new LedgerBooks(store);
      const { ledger, layer } = journal;
      expect(await books.trialBalance({ ledger, layer })).toMatchObject({ currency: line.currency });
      const { items } = await books.entries({ ledger, account: line.account, limit: 1 });
      expect(items).toMatchObject([{ currency: line.currency }]);
    });

    it('about an account gives every line once, newest first, each with the totals after it', async () => {
      for (const ledger of MERCHANTS) {
        const lines = linesOf(
          posted,
          ledger,
          ({ account, currency }) => account === '1110' && currency === 'USD',
        );
        expect(lines.length).toBeGreaterThan(3);
        const found = await allPages(posted.books, { ledger, account: '1110', currency: 'USD', limit: 3 });
        expect(found.map(({ seq, key, amountMinor, side }) => ({ seq, key, amountMinor, side }))).toEqual(
          lines.map(({ seq, line: { key, amountMinor, side } }) => ({ seq, key, amountMinor, side })),
        );
        expect(found.map(({ totals }) => totals)).toEqual(runningTotals(lines));
      }
    });

    it('about one key of an account gives its lines with its own totals', async () => {
      const ledger = 'm';
      const all = linesOf(posted, ledger, ({ account }) => account === '9010');
      const keys = new Set(all.map(({ line }) => line.key));
      expect(keys.size).toBeGreaterThan(2);
      for (const key of keys) {
        const lines = all.filter(({ line }) => line.key === key);
        const [{ line } = { line: undefined }] = lines;
        if (line === undefined) throw new Error('a key has a line');
        const { currency } = line;
        const found = await allPages(posted.books, { ledger, account: '9010', currency, key, limit: 1 });
        expect(found.map(({ totals }) => totals)).toEqual(runningTotals(lines));
        // the key is that of an attempt, and has lines on other accounts, too
        expect(await allPages(posted.books, { ledger, account: '2100', currency, key, limit: 1 })).toEqual(
          [],
        );
      }
    });

    it('keeps the moment of its first page on all others', async () => {
      const store = await opened().freshStore();
      const log = seededLog(31, 60);
      const projector = await preparedProjector(store);
      await projector.apply(log.slice(0, 200));
      const books = new LedgerBooks(store);
      const early = journalsOf(log.slice(0, 200)).filter(({ ledger }) => ledger === 'm');
      const { account, currency } = mostFrequent(early.flatMap(({ lines }) => lines));
      const query = { ledger: 'm', account, currency, limit: 2 };
      const first = await books.entries(query);
      await projector.apply(log.slice(200));
      const second = await books.entries({ ...query, cursor: first.next ?? '' });
      expect(second.asOfSeq).toBe(first.asOfSeq);
      expect(await books.entries(query)).not.toEqual(first);
      const newer = (await books.entries(query)).next ?? '';
      const young = await opened().freshStore();
      await (await preparedProjector(young)).apply(log.slice(0, 100));
      // of a moment that these books have not come to
      await expect(new LedgerBooks(young).entries({ ...query, cursor: newer })).rejects.toThrow(
        InvalidCursor,
      );
      await expect(books.entries({ ...query, cursor: `${newer}x` })).rejects.toThrow(InvalidCursor);
    });

    it('refuses a page without a size, and one of more than a hundred', async () => {
      const query = { ledger: 'm', account: '1110', currency: 'USD' };
      for (const limit of [0, 101, 1.5])
        await expect(posted.books.entries({ ...query, limit })).rejects.toThrow(RangeError);
      expect((await posted.books.entries({ ...query, limit: 100 })).items.length).toBeGreaterThan(0);
    });

    it('about a payment gives its journals in order, and to another merchant none', async () => {
      const [journal] = posted.journals.filter(({ payment }) => payment !== null);
      if (journal?.payment == null) throw new Error('a payment posts');
      const { ledger, payment } = journal;
      const other = MERCHANTS.find((merchant) => merchant !== ledger) ?? '';
      const { journals } = await posted.books.journalsOfPayment(ledger, payment);
      expect(journals.map((one) => one.journal)).toEqual(
        posted.journals.filter((one) => one.payment === payment),
      );
      expect((await posted.books.journalsOfPayment(other, payment)).journals).toEqual([]);
    });

    it('about accounts gives each with its totals in every currency', async () => {
      const { accounts } = await posted.books.accounts('m');
      const both = queries
        .filter(({ ledger }) => ledger === 'm')
        .flatMap((query) => summed(query, () => true));
      expect([...accounts].sort(byCurrencyAndAccount)).toEqual(both.sort(byCurrencyAndAccount));
    });
  });
}

const byAccount = (a: { account: string }, b: { account: string }): number =>
  a.account < b.account ? -1 : 1;
const byCurrencyAndAccount = (
  a: { account: string; currency: string },
  b: { account: string; currency: string },
): number => (`${a.currency}${a.account}` < `${b.currency}${b.account}` ? -1 : 1);

function mostFrequent(lines: readonly JournalLine[]): JournalLine {
  const count = ({ account, currency }: JournalLine): number =>
    lines.filter((line) => line.account === account && line.currency === currency).length;
  const [most] = [...lines].sort((a, b) => count(b) - count(a));
  if (most === undefined) throw new Error('there are lines');
  return most;
}

const endOfDay = (atMs: number): Date =>
  new Date(`${new Date(atMs).toISOString().slice(0, 10)}T23:59:59.999Z`);

/** Journals come in the order of the log; a time is past once any event of the log was recorded later. */
function lastRecordedBy({ log }: Posted, time: Date): bigint {
  const later = log.findIndex(({ metadata }) => new Date(metadata.recordedAt) > time);
  return BigInt(journalsOf(log.slice(0, later)).length);
}

interface PlacedLine {
  readonly seq: bigint;
  readonly line: JournalLine;
}

/** Newest first. */
const linesOf = (
  { journals }: Posted,
  ledger: string,
  wanted: (line: JournalLine) => boolean,
): readonly PlacedLine[] =>
  journals
    .flatMap((journal, index) =>
      journal.ledger === ledger
        ? journal.lines.filter(wanted).map((line) => ({ seq: BigInt(index + 1), line }))
        : [],
    )
    .reverse();

function runningTotals(newestFirst: readonly PlacedLine[]): readonly { debit: bigint; credit: bigint }[] {
  const sums: { debit: bigint; credit: bigint }[] = [];
  let sum = { debit: 0n, credit: 0n };
  for (const { line } of [...newestFirst].reverse()) {
    sum = { ...sum, [line.side]: sum[line.side] + line.amountMinor };
    sums.unshift(sum);
  }
  return sums;
}

async function allPages(
  books: LedgerBooks,
  query: Parameters<LedgerBooks['entries']>[0],
): Promise<EntriesPage['items']> {
  const items: EntriesPage['items'][number][] = [];
  let cursor: string | undefined;
  do {
    const page = await books.entries({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return items;
}
