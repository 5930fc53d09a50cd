import { Query } from '@nestjs/cqrs';
import type {
  AccountTotals,
  AsOfSeq,
  ChainedJournal,
  EntriesPage,
  EntriesQuery,
  ExportFormat,
  ExportManifest,
  ExportRange,
  TrialBalance,
  TrialBalanceQuery,
} from '@tender/readmodels';

/** What the controller asks over the bus; `ledger` is the caller's merchant in each. */
export class GetTrialBalance extends Query<TrialBalance> {
  constructor(readonly query: TrialBalanceQuery) {
    super();
  }
}

export class ListAccounts extends Query<AsOfSeq & { readonly accounts: readonly AccountTotals[] }> {
  constructor(readonly ledger: string) {
    super();
  }
}

export type AskedEntries = Omit<EntriesQuery, 'currency'> & { readonly currency?: string };

export class ListEntries extends Query<EntriesPage> {
  constructor(readonly query: AskedEntries) {
    super();
  }
}

export type PaymentJournals = AsOfSeq & { readonly journals: readonly ChainedJournal[] };

/** Answers undefined for an unknown payment and for another merchant's alike. */
export class ListJournals extends Query<PaymentJournals | undefined> {
  constructor(
    readonly ledger: string,
    readonly paymentId: string,
  ) {
    super();
  }
}

export interface AskedRange {
  readonly ledger: string;
  readonly fromSeq?: bigint;
  readonly toSeq?: bigint;
}

export interface OpenExport {
  readonly range: ExportRange;
  /** Read piece by piece as it is sent. */
  readonly text: AsyncIterable<string>;
}

export class ExportLedger extends Query<OpenExport> {
  constructor(
    readonly asked: AskedRange,
    readonly format: ExportFormat,
  ) {
    super();
  }
}

export class DescribeExport extends Query<ExportManifest> {
  constructor(readonly asked: AskedRange) {
    super();
  }
}
