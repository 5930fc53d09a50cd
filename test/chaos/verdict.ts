import { type BookableEvent, book, isOpenRefund } from '@tender/domain';
import { PAYMENT_PREFIX, REFUND_PREFIX } from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import { Auditor, BooksAuditor, type Note, type Violation } from '@tender/testing';
import { faultsIn } from '../stack/book-sums';
import { type AnswerCounts, auditAnswers } from './answer-audit';
import { auditShown } from './api-audit';
import type { Evidence } from './evidence';
import { auditPsps, type PspCounts } from './psp-audit';

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly payments: number;
  readonly refunds: number;
  readonly events: number;
  readonly answers: number;
  readonly journals: number;
  /** Attempts whose outcome was unknown for a while. */
  readonly unknowns: number;
  /** Of refunds, the same. */
  readonly unknownRefunds: number;
  /** Payments that were charged at the second PSP that was asked. */
  readonly failovers: number;
  /** Refunds that are owed still, since they failed after the PSP had taken them upon itself. */
  readonly owedRefunds: number;
  /** Refunds that nobody knows the end of. */
  readonly openRefunds: number;
  /** Differences between the streams and what is made of them. */
  readonly divergences: number;
  readonly atPsps: PspCounts;
  readonly refusals: AnswerCounts;
  readonly historyOf: (paymentId: string) => readonly Note[];
}

/** Everything that remembers the run, laid before one auditor: log, PSPs, read store, API, books, and what was heard. */
export function judge(evidence: Evidence): Verdict {
  const violations: Violation[] = [];
  const startedAtMs = Date.now();
  const auditor = new Auditor({
    report: (violation) => violations.push(violation),
    nowMs: () => Date.now() - startedAtMs,
    honestPsps: true,
    outlastsBuyers: false,
  });
  const books = new BooksByCurrency(auditor);
  for (const event of evidence.events) {
    const { stream } = event;
    if (stream.startsWith(PAYMENT_PREFIX)) auditor.recorded(stream.slice(PAYMENT_PREFIX.length), event);
    else auditor.refunds.recorded(stream.slice(REFUND_PREFIX.length), event);
    books.recorded(event);
  }
  const atPsps = auditPsps(auditor, evidence.truth);
  auditShown(auditor, evidence);
  const refusals = auditAnswers(auditor, evidence.heard);
  auditor.finish({});
  books.finish();
  auditBooks(auditor, evidence);
  for (const { where, kind, id, at, expected, found } of evidence.divergences) {
    const detail = `${where}: ${kind} at ${at ?? 'all of it'}: ${found ?? 'nothing'} instead of ${expected ?? 'nothing'}`;
    auditor.violated('read_model_follows', id, detail);
  }
  const payments = [...auditor.states()];
  const refunds = [...auditor.refunds.states()];
  const recordedOften = (type: string): number => evidence.events.filter((one) => one.type === type).length;
  return {
    violations,
    payments: payments.length,
    refunds: refunds.length,
    events: evidence.events.length,
    answers: evidence.heard.length,
    journals: evidence.books.sums.journals,
    unknowns: recordedOften('AttemptOutcomeUnknown'),
    unknownRefunds: recordedOften('RefundOutcomeUnknown'),
    failovers: payments.filter(({ status, attempts }) => status === 'succeeded' && attempts.length > 1)
      .length,
    owedRefunds: refunds.filter(({ status, owed }) => status === 'failed' && owed).length,
    openRefunds: refunds.filter(isOpenRefund).length,
    divergences: evidence.divergences.length,
    atPsps,
    refusals,
    historyOf: (paymentId) => auditor.historyOf(paymentId),
  };
}

/** The books that the production templates make of the streams, held against the PSPs in each currency. */
class BooksByCurrency {
  private readonly books = new Map<string, BooksAuditor>();

  constructor(private readonly auditor: Auditor) {}

  /** Of the payment, or of one of its refunds. The auditor has heard of it before. */
  recorded(event: RecordedEvent): void {
    const { stream, id, type, data, revision, metadata } = event;
    const bookable: BookableEvent = { id, type, data, stream, revision, recordedAt: metadata.recordedAt };
    const currency = this.currencyOf(stream) ?? 'none';
    const known = this.books.get(currency);
    const books =
      known ??
      new BooksAuditor({
        book,
        violated: (rule, paymentId, detail) => {
          this.auditor.violated(rule, paymentId, detail);
        },
      });
    this.books.set(currency, books);
    books.recorded(bookable);
  }

  finish(): void {
    for (const [currency, books] of this.books) books.finish(this.auditor.truth(currency));
  }

  private currencyOf(stream: string): string | undefined {
    return stream.startsWith(PAYMENT_PREFIX)
      ? this.auditor.stateOf(stream.slice(PAYMENT_PREFIX.length))?.currency
      : this.auditor.refunds.stateOf(stream.slice(REFUND_PREFIX.length))?.currency;
  }
}

/**
 * The books as they are told: journals, balances and trial balances of one moment. That they are those of the streams is
 * the checker's to say, and what the PSPs say of those is compared above.
 */
function auditBooks(auditor: Auditor, { books, trialBalances }: Evidence): void {
  const told = [
    { what: 'accounts', balances: books.balances },
    { what: 'trial balances', balances: trialBalances.flatMap(({ balances }) => balances) },
  ];
  for (const { what, balances } of told) {
    for (const { rule, detail } of faultsIn(books.sums, balances))
      auditor.violated('books_balance', what, `${rule}: ${detail}`);
  }
  for (const { layer, currency, debit, credit } of trialBalances) {
    if (debit !== credit)
      auditor.violated('books_balance', `${layer} ${currency}`, `${debit} debit, ${credit} credit`);
  }
}
