import type { Book, BookableEvent, Booked, Journal, Layer, PspName, StreamBooks } from '@tender/domain';
import { accountOf } from '@tender/domain';
import type { Invariant } from './invariants';

/** What all PSPs say, by what the books key it by; amounts of one currency in minor units. */
export interface PspTruth {
  readonly currency: string;
  /** By attempt: taken and not fallen back, whatever was given back of it. */
  readonly taken: ReadonlyMap<string, bigint>;
  /** By attempt: of what was taken without a sale, what neither the PSP has given back nor the scheme taken. */
  readonly unreturned: ReadonlyMap<string, bigint>;
  /** By try: accepted and not failed, or in the PSP's record though it came back. */
  readonly refunds: ReadonlyMap<string, bigint>;
  /** By PSP: what refunds brought back, less what disputes and their fees took. */
  readonly balance: ReadonlyMap<PspName, bigint>;
  /** Authorisations that wait for their merchant, by attempt. */
  readonly held: ReadonlySet<string>;
}

interface Row {
  readonly account: string;
  readonly key: string;
  readonly currency: string;
  readonly layer: Layer;
  /** Whose money it is about, for people. */
  paymentId: string;
  netMinor: bigint;
}

export interface BooksAuditorDeps {
  readonly book: Book;
  readonly violated: (rule: Invariant, paymentId: string, detail: string) => void;
}

/** The sums of both sides, by layer and currency. */
export type BookTotals = Readonly<
  Record<string, { readonly debitMinor: bigint; readonly creditMinor: bigint }>
>;

/** Keeps the books beside the system, by the production templates, and compares them with the PSPs at the end. */
export class BooksAuditor {
  private readonly streams = new Map<string, StreamBooks>();
  private readonly rows = new Map<string, Row>();
  private readonly sums = new Map<string, { debitMinor: bigint; creditMinor: bigint }>();

  constructor(private readonly deps: BooksAuditorDeps) {}

  /** An event of a payment or of a refund, in the order of its stream. */
  recorded(event: BookableEvent): void {
    const booked = this.booked(event);
    if (booked === undefined) return;
    const { journals, books } = booked;
    this.streams.set(event.stream, books);
    if (journals.length === 0) return;
    const templates = new Set<string>();
    const touched: Row[] = [];
    for (const journal of journals) {
      if (templates.has(journal.template)) {
        this.deps.violated('booked_once', books.payment, `${journal.template} twice for ${event.type}`);
      }
      templates.add(journal.template);
      this.post(journal, books.payment, touched);
    }
    for (const row of touched) this.checkSide(row);
  }

  /** What came together over all that was recorded. */
  totals(): BookTotals {
    return Object.fromEntries(this.sums);
  }

  /** What is posted, by account. */
  posted(): string {
    const nets = new Map<string, bigint>();
    for (const { account, layer, netMinor } of this.rows.values()) {
      if (layer === 'posted') nets.set(account, (nets.get(account) ?? 0n) + netMinor);
    }
    const lines = [...nets].filter(([, netMinor]) => netMinor !== 0n);
    return lines
      .map(([account, netMinor]) => `${account} ${netMinor}`)
      .sort()
      .join(', ');
  }

  /** What stands under this account's key, debits less credits. */
  netMinorOf(account: string, currency: string, key: string): bigint {
    return this.rows.get(rowId(account, currency, key))?.netMinor ?? 0n;
  }

  finish(truth: PspTruth): void {
    for (const [name, { debitMinor, creditMinor }] of this.sums) {
      if (debitMinor === creditMinor) continue;
      this.deps.violated('books_balance', name, `${debitMinor} debit, ${creditMinor} credit`);
    }
    const taken = new Map(truth.taken);
    const unreturned = new Map(truth.unreturned);
    const refunds = new Map(truth.refunds);
    const balance = new Map<string, bigint>(truth.balance);
    for (const row of this.rows.values()) {
      if (row.layer === 'memo') this.checkMemo(row, truth);
      else if (row.account === '1110') this.checkTruth(row, taken, row.netMinor);
      else if (row.account === '2010' && refunds.has(row.key)) this.checkTruth(row, refunds, -row.netMinor);
      else if (row.account === '2190') this.checkTruth(row, unreturned, -row.netMinor);
      else if (row.account === '1120') this.checkTruth(row, balance, row.netMinor);
    }
    for (const [account, missing] of [
      ['1110', taken],
      ['2190', unreturned],
      ['2010', refunds],
      ['1120', balance],
    ] as const) {
      for (const [key, amountMinor] of missing) {
        if (amountMinor !== 0n) {
          this.deps.violated('books_agree', key, `${account}: ${amountMinor} of ${key} is not in the books`);
        }
      }
    }
  }

  private booked(event: BookableEvent): Booked | undefined {
    try {
      return this.deps.book(event, this.streams.get(event.stream) ?? null);
    } catch (error) {
      this.deps.violated('books_balance', event.stream, `${event.type} cannot be booked: ${String(error)}`);
      return undefined;
    }
  }

  private post({ lines, layer, template }: Journal, paymentId: string, touched: Row[]): void {
    let leftMinor = 0n;
    for (const { account, key, currency, side, amountMinor } of lines) {
      const id = rowId(account, currency, key);
      const known = this.rows.get(id);
      const row = known ?? { account, key, currency, layer, paymentId, netMinor: 0n };
      if (known === undefined) this.rows.set(id, row);
      row.paymentId = paymentId;
      const signed = side === 'debit' ? amountMinor : -amountMinor;
      row.netMinor += signed;
      leftMinor += signed;
      touched.push(row);
      this.sum(`${layer} ${currency}`, side, amountMinor);
    }
    if (leftMinor !== 0n)
      this.deps.violated('books_balance', paymentId, `${template} is off by ${leftMinor}`);
  }

  private sum(name: string, side: 'debit' | 'credit', amountMinor: bigint): void {
    const sums = this.sums.get(name) ?? { debitMinor: 0n, creditMinor: 0n };
    this.sums.set(name, sums);
    sums[side === 'debit' ? 'debitMinor' : 'creditMinor'] += amountMinor;
  }

  private checkSide({ account, key, netMinor, paymentId }: Row): void {
    const known = accountOf(account);
    if (known?.neverOnOtherSide !== true) return;
    const onNormal = known.normal === 'debit' ? netMinor : -netMinor;
    if (onNormal >= 0n) return;
    this.deps.violated(
      'books_balance',
      paymentId,
      `${account} ${known.name} of ${key} stands at ${netMinor}`,
    );
  }

  private checkMemo({ account, key, netMinor, paymentId }: Row, { held }: PspTruth): void {
    const waits = held.has(key) && (account === '9010' || account === '9020');
    if (netMinor === 0n || waits) return;
    this.deps.violated('memo_ends', paymentId, `${account} of ${key} is left at ${netMinor}`);
  }

  private checkTruth(
    { account, key, paymentId }: Row,
    truth: Map<string, bigint>,
    bookedMinor: bigint,
  ): void {
    const trueMinor = truth.get(key) ?? 0n;
    truth.delete(key);
    if (trueMinor === bookedMinor) return;
    this.deps.violated(
      'books_agree',
      paymentId,
      `${account} of ${key}: ${bookedMinor} booked, ${trueMinor} true`,
    );
  }
}

const rowId = (account: string, currency: string, key: string): string => `${account} ${currency} ${key}`;
