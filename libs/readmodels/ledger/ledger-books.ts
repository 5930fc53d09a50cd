import type { ClientSession } from 'mongodb';
import type { ReadStore } from '../read-store';
import type { ExportFormat } from './export-formats';
import type { ExportManifest, ExportRange } from './ledger-export';
import { exportManifest, exportRange, exportText } from './ledger-export';
import type { LedgerCollections } from './ledger-collections';
import { ledgerCollections, missingJournalIndexes } from './ledger-collections';
import type { ChainedJournal, EntriesPage, EntriesQuery } from './ledger-entries';
import { readEntries, readJournalsOfPayment } from './ledger-entries';
import { LedgerModels } from './ledger-models';
import { storedHead } from './ledger-state';
import type { LedgerHead } from './posting';
import type { AccountTotals, TrialBalance, TrialBalanceQuery } from './trial-balance';
import { onlyCurrencyOf, presentTotals, readTrialBalance } from './trial-balance';

/** Every answer says up to which journal it goes. */
export interface AsOfSeq {
  readonly asOfSeq: bigint;
}

/**
 * What can be asked of the live books. A ledger is one merchant's; the numbers of journals are common to all, so that a
 * number names one moment of all books.
 * @throws LedgerNotPrepared from every question until a projector has been there
 */
export class LedgerBooks {
  readonly #store: ReadStore;
  readonly #models: LedgerModels;

  constructor(store: ReadStore) {
    this.#store = store;
    this.#models = new LedgerModels(store);
  }

  /** @throws LedgerCannotAnswer */
  async trialBalance(query: TrialBalanceQuery): Promise<TrialBalance> {
    const collections = await this.live();
    return this.#inSnapshot((session) => readTrialBalance(collections, query, session));
  }

  /** Every account with any line, in every currency that it has. */
  async accounts(ledger: string): Promise<AsOfSeq & { readonly accounts: readonly AccountTotals[] }> {
    const collections = await this.live();
    return this.#inSnapshot(async (session) => {
      const { seq } = await storedHead(collections, session);
      return { asOfSeq: seq, accounts: await presentTotals(collections, ledger, session) };
    });
  }

  /**
   * @param query without a currency: in the one that the account has
   * @throws LedgerCannotAnswer, InvalidCursor
   */
  async entries({
    currency,
    ...query
  }: Omit<EntriesQuery, 'currency'> & { readonly currency?: string }): Promise<EntriesPage> {
    const collections = await this.live();
    const { seq } = await storedHead(collections);
    const known = currency ?? (await this.#currencyOf(collections, query));
    if (known === undefined) return { asOfSeq: seq, items: [], next: undefined };
    return readEntries(collections, seq, { ...query, currency: known });
  }

  async journalsOfPayment(
    ledger: string,
    payment: string,
  ): Promise<AsOfSeq & { readonly journals: readonly ChainedJournal[] }> {
    const collections = await this.live();
    const { seq } = await storedHead(collections);
    return { asOfSeq: seq, journals: await readJournalsOfPayment(collections, ledger, payment, seq) };
  }

  /** @throws LedgerCannotAnswer */
  async exportRange(asked: Parameters<typeof exportRange>[1]): Promise<ExportRange> {
    return exportRange(await this.live(), asked);
  }

  async *exportText(range: ExportRange, format: ExportFormat): AsyncGenerator<string> {
    yield* exportText(await this.live(), range, format);
  }

  async exportManifest(range: ExportRange): Promise<ExportManifest> {
    return exportManifest(await this.live(), range);
  }

  async head(): Promise<LedgerHead> {
    return storedHead(await this.live());
  }

  /** What a starting process checks; the worker makes them. */
  async missingIndexes(): Promise<readonly string[]> {
    return missingJournalIndexes(await this.live());
  }

  async live(): Promise<LedgerCollections> {
    const { live } = await this.#models.pointer();
    return ledgerCollections(this.#store, live);
  }

  /** Undefined for an account without a line. */
  async #currencyOf(
    collections: LedgerCollections,
    { ledger, account }: Pick<EntriesQuery, 'ledger' | 'account'>,
  ): Promise<string | undefined> {
    const all = await presentTotals(collections, ledger);
    const present = all.filter((one) => one.account === account);
    return present.length === 0 ? undefined : onlyCurrencyOf(present);
  }

  /** Aborted, not committed: there is nothing to make durable, which a commit would wait for. */
  #inSnapshot<Answer>(read: (session: ClientSession) => Promise<Answer>): Promise<Answer> {
    return this.#store.db.client.withSession(async (session) => {
      session.startTransaction({ readConcern: { level: 'snapshot' } });
      try {
        return await read(session);
      } finally {
        await session.abortTransaction();
      }
    });
  }
}
