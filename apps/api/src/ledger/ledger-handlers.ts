import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { ExportManifest, LedgerBooks, EntriesPage, TrialBalance } from '@tender/readmodels';
import { PaymentReader } from '../payments/payment-reader';
import {
  DescribeExport,
  ExportLedger,
  GetTrialBalance,
  ListAccounts,
  ListEntries,
  ListJournals,
  type OpenExport,
  type PaymentJournals,
} from './ledger-messages';

type Books = Pick<
  LedgerBooks,
  | 'trialBalance'
  | 'accounts'
  | 'entries'
  | 'journalsOfPayment'
  | 'exportRange'
  | 'exportText'
  | 'exportManifest'
>;

/** The books that the read model offers. */
export abstract class Ledger {
  abstract readonly books: Books;
}

@QueryHandler(GetTrialBalance)
export class GetTrialBalanceHandler implements IQueryHandler<GetTrialBalance> {
  constructor(private readonly ledger: Ledger) {}

  execute({ query }: GetTrialBalance): Promise<TrialBalance> {
    return this.ledger.books.trialBalance(query);
  }
}

@QueryHandler(ListAccounts)
export class ListAccountsHandler implements IQueryHandler<ListAccounts> {
  constructor(private readonly ledger: Ledger) {}

  execute({ ledger }: ListAccounts): ReturnType<Books['accounts']> {
    return this.ledger.books.accounts(ledger);
  }
}

@QueryHandler(ListEntries)
export class ListEntriesHandler implements IQueryHandler<ListEntries> {
  constructor(private readonly ledger: Ledger) {}

  execute({ query }: ListEntries): Promise<EntriesPage> {
    return this.ledger.books.entries(query);
  }
}

@QueryHandler(ListJournals)
export class ListJournalsHandler implements IQueryHandler<ListJournals> {
  constructor(
    private readonly ledger: Ledger,
    private readonly reader: PaymentReader,
  ) {}

  /** A payment that posted nothing has no journals, and one that is not there has no answer: the payment tells which. */
  async execute({ ledger, paymentId }: ListJournals): Promise<PaymentJournals | undefined> {
    const at = await this.reader.get(paymentId);
    if (at?.payment.merchant !== ledger) return undefined;
    return this.ledger.books.journalsOfPayment(ledger, paymentId);
  }
}

@QueryHandler(ExportLedger)
export class ExportLedgerHandler implements IQueryHandler<ExportLedger> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ asked, format }: ExportLedger): Promise<OpenExport> {
    const range = await this.ledger.books.exportRange(asked);
    return { range, text: this.ledger.books.exportText(range, format) };
  }
}

@QueryHandler(DescribeExport)
export class DescribeExportHandler implements IQueryHandler<DescribeExport> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ asked }: DescribeExport): Promise<ExportManifest> {
    return this.ledger.books.exportManifest(await this.ledger.books.exportRange(asked));
  }
}

export const LEDGER_HANDLERS = [
  GetTrialBalanceHandler,
  ListAccountsHandler,
  ListEntriesHandler,
  ListJournalsHandler,
  ExportLedgerHandler,
  DescribeExportHandler,
];
